//! The data folder: its lock and its database.
//!
//! ```text
//! lock            held by the process that has the folder
//! jobs.sqlite     with -wal and -shm beside it
//! pictures/       one file per picture, unless stored elsewhere
//! ```

use std::fs::{DirBuilder, File, TryLockError};
use std::io;
use std::path::Path;
use std::time::Duration;

use sqlx::SqlSafeStr;
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

use crate::StoreError;

/// How long to wait for a locked database; a client waits that long too.
const PATIENCE: Duration = Duration::from_secs(5);

/// The database's file.
pub(crate) const DATABASE: &str = "jobs.sqlite";

/// Concurrent read connections.
const READERS: u32 = 4;

/// Creates the folder and locks it for as long as the file is open.
pub(crate) fn take(folder: &Path) -> Result<File, StoreError> {
    make(folder).map_err(StoreError::file(folder))?;
    let path = folder.join("lock");
    let options = File::options().create(true).truncate(false).write(true).to_owned();
    let lock = options.open(&path).map_err(StoreError::file(&path))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse(folder.to_owned())),
        Err(TryLockError::Error(error)) => Err(StoreError::file(&path)(error)),
    }
}

/// Creates the folder if it is missing, readable by its owner alone: requests and pictures are private.
fn make(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Opens the database for reading and writing, and migrates it. There is one write connection: its waiters
/// are served in order, whereas SQLite would let each of many retry after longer and longer pauses.
pub(crate) async fn database(folder: &Path) -> Result<(SqlitePool, SqlitePool), StoreError> {
    let options = SqliteConnectOptions::new()
        .filename(folder.join(DATABASE))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // Whatever a client was told is on disk, even if the machine crashes.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(PATIENCE);
    let pool =
        |connections| SqlitePoolOptions::new().max_connections(connections).acquire_timeout(2 * PATIENCE);
    let write = pool(1).connect_with(options.clone()).await?;
    migrations().run(&write).await.map_err(|error| match error {
        MigrateError::VersionMissing(_) => StoreError::Newer(folder.to_owned()),
        other => StoreError::Migrate(other),
    })?;
    let read = pool(READERS).connect_with(options).await?;
    Ok((read, write))
}

fn migrations() -> Migrator {
    let one = |version, name: &'static str, sql: &'static str| {
        Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
    };
    Migrator::with_migrations(vec![
        one(1, "jobs", include_str!("../migrations/1_jobs.sql")),
        one(2, "fair queue", include_str!("../migrations/2_fair_queue.sql")),
        one(3, "hosting", include_str!("../migrations/3_hosting.sql")),
        one(4, "leases", include_str!("../migrations/4_leases.sql")),
        one(5, "households", include_str!("../migrations/5_households.sql")),
        one(6, "networks", include_str!("../migrations/6_networks.sql")),
        one(7, "names", include_str!("../migrations/7_names.sql")),
    ])
}
