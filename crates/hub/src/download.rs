//! Downloads one file into the cache's blobs: resumed, verified, then renamed.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use ureq::Body;
use ureq::http::{Response, StatusCode};

use crate::cache::RepoCache;
use crate::digest::Hasher;
use crate::remote::{Content, Remote, text};
use crate::{HubError, Progress};

/// A file of a commit to download.
pub(crate) struct Download<'a> {
    pub(crate) remote: &'a Remote<'a>,
    pub(crate) cache: &'a RepoCache,
    pub(crate) commit: &'a str,
    pub(crate) path: &'a str,
    pub(crate) content: &'a Content,
    pub(crate) cancel: &'a AtomicBool,
}

/// `HASH.incomplete`, and the hash of its contents.
struct Partial {
    path: PathBuf,
    file: File,
    length: u64,
    hasher: Hasher,
}

impl Download<'_> {
    /// Downloads the blob unless it is cached.
    pub(crate) fn run(&self, progress: &mut dyn Progress) -> Result<(), HubError> {
        if self.is_there() {
            progress.advance(self.path, self.content.size, self.content.size);
            return Ok(());
        }
        let _lock = self.cache.lock(&self.content.blob, self.cancel)?;
        if self.is_there() {
            // Another process fetched it meanwhile.
            progress.advance(self.path, self.content.size, self.content.size);
            return Ok(());
        }

        let mut partial = self.open()?;
        let inherited = partial.length > 0;
        match self.complete(&mut partial, progress) {
            // The bytes of an earlier run may be at fault: retry without them.
            Err(HubError::Damaged { .. }) if inherited => {
                partial = self.open()?;
                self.complete(&mut partial, progress)?;
            }
            result => result?,
        }
        let blob = self.cache.blob(&self.content.blob);
        fs::rename(&partial.path, &blob).map_err(HubError::cache(&blob))
    }

    fn is_there(&self) -> bool {
        fs::metadata(self.cache.blob(&self.content.blob)).is_ok_and(|blob| blob.len() == self.content.size)
    }

    fn open(&self) -> Result<Partial, HubError> {
        let blob = self.cache.blob(&self.content.blob);
        let path = blob.with_file_name(format!("{}.incomplete", self.content.blob));
        let open = || -> io::Result<(File, u64, Hasher)> {
            fs::create_dir_all(path.parent().unwrap_or(&path))?;
            let mut file = File::options().create(true).truncate(false).read(true).write(true).open(&path)?;
            let mut length = file.metadata()?.len();
            if length > self.content.size {
                file.set_len(0)?;
                length = 0;
            }
            let mut hasher = self.content.checksum.hasher(self.content.size);
            // A special file, such as a device, may have no end.
            io::copy(&mut (&mut file).take(length), &mut hasher)?;
            Ok((file, length, hasher))
        };
        let (file, length, hasher) = open().map_err(HubError::cache(&path))?;
        Ok(Partial { path, file, length, hasher })
    }

    /// Fetches what is missing and verifies the whole; damaged bytes are removed. A broken connection is
    /// resumed as long as each attempt makes progress.
    fn complete(&self, partial: &mut Partial, progress: &mut dyn Progress) -> Result<(), HubError> {
        progress.advance(self.path, partial.length, self.content.size);
        while partial.length < self.content.size {
            let before = partial.length;
            match self.attempt(partial, progress) {
                Err(HubError::Network { .. }) if partial.length > before => {}
                result => result?,
            }
        }
        let hasher = std::mem::replace(&mut partial.hasher, self.content.checksum.hasher(self.content.size));
        if let Err(why) = self.content.checksum.check(hasher) {
            fs::remove_file(&partial.path).map_err(HubError::cache(&partial.path))?;
            return Err(HubError::Damaged { file: self.path.to_owned(), why });
        }
        partial.file.sync_all().map_err(|error| self.disk_error(partial, error))
    }

    /// Sends one request and reads until its end or a break.
    fn attempt(&self, partial: &mut Partial, progress: &mut dyn Progress) -> Result<(), HubError> {
        if self.cancel.load(Ordering::Relaxed) {
            return Err(HubError::Cancelled);
        }
        let response = self.remote.get(self.commit, self.path, partial.length)?;
        let continues = self.continues(&response, partial.length)?;
        let rewind = |partial: &mut Partial| {
            partial.hasher = self.content.checksum.hasher(self.content.size);
            partial.length = 0;
            partial.file.set_len(0)
        };
        let start = if continues { Ok(()) } else { rewind(partial) };
        start
            .and_then(|()| partial.file.seek(SeekFrom::Start(partial.length)))
            .map_err(|error| self.disk_error(partial, error))?;

        let mut body = response.into_body().into_reader();
        let mut buffer = vec![0; 1 << 18];
        while partial.length < self.content.size {
            if self.cancel.load(Ordering::Relaxed) {
                return Err(HubError::Cancelled);
            }
            let read = match body.read(&mut buffer) {
                Ok(0) => return Err(self.broken(&"it ended early")),
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(self.broken(&error)),
            };
            // Excess bytes do not matter: the hash will tell.
            let lacking = usize::try_from(self.content.size - partial.length).unwrap_or(usize::MAX);
            let bytes = &buffer[..read.min(lacking)];
            let written = partial.file.write_all(bytes).and_then(|()| partial.hasher.write_all(bytes));
            written.map_err(|error| self.disk_error(partial, error))?;
            partial.length += bytes.len() as u64;
            progress.advance(self.path, partial.length, self.content.size);
        }
        Ok(())
    }

    /// Returns whether the response begins at `start` rather than at 0. One of another size is rejected at
    /// once.
    fn continues(&self, response: &Response<Body>, start: u64) -> Result<bool, HubError> {
        let size = self.content.size;
        let (begins, total) = if response.status() == StatusCode::PARTIAL_CONTENT {
            let range = text(response.headers(), "content-range").and_then(content_range);
            range.ok_or_else(|| self.remote.bad_answer(&self.path, &"a part without Content-Range"))?
        } else {
            (0, response.body().content_length())
        };
        if let Some(total) = total.filter(|total| *total != size) {
            return Err(self
                .remote
                .bad_answer(&self.path, &format!("{total} bytes, but {size} were announced")));
        }
        if begins != start && begins != 0 {
            return Err(self
                .remote
                .bad_answer(&self.path, &format!("it begins at {begins}, not at {start}")));
        }
        Ok(begins == start)
    }

    fn broken(&self, cause: &dyn std::fmt::Display) -> HubError {
        HubError::network(self.remote.config, &self.path, cause)
    }

    fn disk_error(&self, partial: &Partial, error: io::Error) -> HubError {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => HubError::DiskFull {
                path: partial.path.clone(),
                file: self.path.to_owned(),
                needed: self.content.size - partial.length,
            },
            _ => HubError::cache(&partial.path)(error),
        }
    }
}

/// Parses `bytes 100-199/1000` into the first byte, and the total size if known.
fn content_range(header: &str) -> Option<(u64, Option<u64>)> {
    let (range, total) = header.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (first, _) = range.split_once('-')?;
    Some((first.trim().parse().ok()?, total.trim().parse().ok()))
}
