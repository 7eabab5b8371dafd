//! Inpainting source pictures: the client's own, given by address.

use api::Failure;
use jobs::{JobId, NewJob, Owner, Store, StoreError};
use request::InpaintRequest;
use serde::Deserialize;

use super::painter::PaintError;
use super::trouble::{patiently, told};

/// The field that names it.
const FIELD: &str = "inpaint.image";

/// The part of a request that is read here: not its layout, which may be long.
#[derive(Deserialize)]
struct PaintsOn {
    inpaint: Option<InpaintRequest>,
}

/// Parses a picture's address into its job and number.
fn parse(address: &str) -> Option<(JobId, u32)> {
    let (id, number) = address.strip_prefix(api::ROOT)?.strip_prefix("/jobs/")?.split_once("/pictures/")?;
    Some((JobId::parse(id)?, number.parse().ok()?))
}

/// Checks that the picture exists, is the client's own, and has the new one's size.
pub async fn check(
    store: &Store,
    owner: &Owner,
    inpaint: &InpaintRequest,
    new: &NewJob,
) -> Result<Result<(), Failure>, StoreError> {
    let refused = |what: String| Ok(Err(Failure::field(FIELD, what)));
    let Some((id, number)) = parse(&inpaint.image) else {
        return refused(format!("is no address of a picture, as {}/jobs/ID/pictures/0", api::ROOT));
    };
    match store.find(owner, &id).await?.filter(|job| number < job.pictures) {
        None => refused("is none of yours, or has been deleted".to_owned()),
        Some(job) if (job.width, job.height) != (new.width, new.height) => refused(format!(
            "has {}x{} pixels, the new picture {}x{}: both must be equal",
            job.width, job.height, new.width, new.height
        )),
        Some(_) => Ok(Ok(())),
    }
}

/// Reads the source picture of a JSON request; `None` if there is none. Its owner was checked at submission.
pub async fn read(store: &Store, request: &str) -> Result<Option<Vec<u8>>, PaintError> {
    // The painter reports requests that cannot be parsed.
    let request = serde_json::from_str::<PaintsOn>(request).ok();
    let Some(inpaint) = request.and_then(|request| request.inpaint) else { return Ok(None) };
    let gone = || PaintError::Told("The picture that this was to be painted on has been deleted.".to_owned());
    let (id, number) = parse(&inpaint.image).ok_or_else(gone)?;
    let read = || async {
        match store.job(&id).await? {
            Some(job) => store.picture(&job, number).await,
            None => Ok(None),
        }
    };
    let unread = |error: StoreError| match error.trouble() {
        Some(trouble) => {
            PaintError::Told(format!("The picture to paint on cannot be read. {}", told(trouble)))
        }
        None => PaintError::Inside(error.into()),
    };
    patiently(read).await.map_err(unread)?.ok_or_else(gone).map(Some)
}
