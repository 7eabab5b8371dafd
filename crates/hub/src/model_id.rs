//! `owner/name[@revision]`.

use std::fmt;

use crate::HubError;
use crate::error::one_line;

/// A model on the hub. All its parts are safe in a cache path and in a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ModelId {
    repo: String,
    revision: Option<String>,
}

impl ModelId {
    /// Parses `owner/name` or `owner/name@revision`; a revision is a branch, a tag or a full commit hash.
    ///
    /// # Errors
    /// [`HubError::BadModel`] for anything else.
    pub fn parse(text: &str) -> Result<Self, HubError> {
        let (repo, revision) = match text.split_once('@') {
            Some((repo, revision)) => (repo, Some(revision)),
            None => (text, None),
        };
        let repo_is_good = repo.len() <= 96
            && repo.split_once('/').is_some_and(|(owner, name)| is_segment(owner) && is_segment(name))
            && !repo.contains("--");
        let revision_is_good = revision.is_none_or(|r| r.len() <= 200 && r.split('/').all(is_segment));
        if repo_is_good && revision_is_good {
            Ok(Self { repo: repo.to_owned(), revision: revision.map(str::to_owned) })
        } else {
            Err(HubError::BadModel { model: one_line(text) })
        }
    }

    /// `owner/name`.
    #[must_use]
    pub fn repo(&self) -> &str {
        &self.repo
    }

    /// The branch, tag or commit; `main` if none was given.
    #[must_use]
    pub fn revision(&self) -> &str {
        self.revision.as_deref().unwrap_or("main")
    }

    pub(crate) fn is_commit(&self) -> bool {
        self.revision().len() == 40 && self.revision().bytes().all(|b| b.is_ascii_hexdigit())
    }
}

impl fmt::Display for ModelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.repo)?;
        self.revision.as_ref().map_or(Ok(()), |revision| write!(f, "@{revision}"))
    }
}

/// Is the text safe as a single file or folder name: no separator, not hidden, no `..`?
pub(crate) fn is_segment(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(['.', '-'])
        && !text.contains("..")
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_an_owner_a_name_and_perhaps_a_revision() {
        let id = ModelId::parse("stable-diffusion-v1-5/stable-diffusion-v1-5").unwrap();
        assert_eq!((id.repo(), id.revision()), ("stable-diffusion-v1-5/stable-diffusion-v1-5", "main"));
        let id = ModelId::parse("owner/name@refs/pr/1").unwrap();
        assert_eq!((id.repo(), id.revision(), id.is_commit()), ("owner/name", "refs/pr/1", false));
        assert_eq!(id.to_string(), "owner/name@refs/pr/1");
        assert!(ModelId::parse("o/n@0123456789abcdef0123456789abcdef01234567").unwrap().is_commit());
    }

    #[test]
    fn what_could_leave_the_cache_or_the_url_is_no_id() {
        let bad = [
            "",
            "name",
            "/etc",
            "./a",
            "../a",
            "a/..",
            "a/b/c",
            "a/b@",
            "a/b@../../x",
            "a/b@/x",
            "a/b@x/../y",
            "a/b?c",
            "a/b#c",
            "a b/c",
            "a/b\n",
            "a/.b",
            "a--b/c",
            "a/b@c@d",
            "https://huggingface.co/a/b",
        ];
        for text in bad {
            let message = ModelId::parse(text).unwrap_err().to_string();
            assert!(message.contains("owner/name@revision"), "{text:?}: {message}");
            assert_eq!(message.lines().count(), 1);
        }
    }
}
