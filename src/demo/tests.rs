//! Making, reusing and refusing the files of the demo.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use super::data::{DATA_VERSION, tables};
use super::*;
use crate::store::loader::{Loader, Mark, inspect};

const APPLICATION_ID: i32 = 0x506e_7374;

/// Sample data of scale 1, made once; tests work on copies.
static MADE: LazyLock<(tempfile::TempDir, Demo, Vec<Progress>)> = LazyLock::new(|| {
    let dir = tempfile::tempdir().unwrap();
    let mut reports = Vec::new();
    let demo = ensure(&dir.path().join("new/folder"), 1, &mut |progress| reports.push(progress)).unwrap();
    (dir, demo, reports)
});

fn copy(dir: &Path, names: &[&str]) {
    for name in names {
        fs::copy(MADE.1.erp.with_file_name(name), dir.join(name)).unwrap();
    }
}

fn again(dir: &Path) -> Result<Demo, DemoError> {
    ensure(dir, 1, &mut |_| ())
}

fn sentence(dir: &Path) -> String {
    again(dir).unwrap_err().to_string()
}

/// A small database with this mark and one table.
fn other_database(path: &Path, application_id: i32, user_version: i32) {
    let loader = Loader::create(path).unwrap();
    loader.run("CREATE TABLE accounts (id INTEGER)").unwrap();
    loader.finish(Mark { application_id, user_version }).unwrap();
}

#[test]
fn data_are_made_and_reused() {
    let (_, demo, reports) = &*MADE;
    assert!(demo.created);
    assert_eq!(reports.last().unwrap().rows_done, 114_500);
    assert!(reports.iter().all(|report| report.rows_total == 114_500));
    assert!(reports.windows(2).all(|pair| pair[0].rows_done <= pair[1].rows_done));
    let dir = tempfile::tempdir().unwrap();
    copy(dir.path(), &["erp.db", "warehouse.db"]);
    let before = fs::metadata(dir.path().join("erp.db")).unwrap().modified().unwrap();
    let second = again(dir.path()).unwrap();
    assert!(!second.created);
    assert_eq!(fs::metadata(second.erp).unwrap().modified().unwrap(), before);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2, "reusing writes nothing");
}

/// Runs a condition in SQL over both files: the check constraint of a scratch table fails if it does not hold.
#[test]
fn the_files_hold_every_row_and_their_references() {
    let (_, demo, _) = &*MADE;
    let dir = tempfile::tempdir().unwrap();
    let loader = Loader::create(&dir.path().join("scratch.db")).unwrap();
    loader.run("CREATE TABLE holds (what TEXT, yes INTEGER NOT NULL CHECK (yes))").unwrap();
    for (name, file) in [("erp", &demo.erp), ("warehouse", &demo.warehouse)] {
        loader.run(&format!("ATTACH '{}' AS {name}", file.display())).unwrap();
    }
    let check = |condition: &str| loader.run(&format!("INSERT INTO holds SELECT 'x', {condition}"));
    assert!(check("(SELECT count(*) = 1999 FROM erp.accounts)").is_err(), "the check can fail");
    for table in tables() {
        check(&format!("(SELECT count(*) = {} FROM {}.{})", table.rows_at_scale_1, table.source, table.name)).unwrap();
    }
    check("NOT EXISTS (SELECT 1 FROM pragma_foreign_key_check(NULL, 'erp'))").unwrap();
    check("NOT EXISTS (SELECT 1 FROM warehouse.shipments WHERE order_id NOT IN (SELECT order_id FROM erp.orders))")
        .unwrap();
    check("(SELECT count(*) > 15 FROM erp.sqlite_schema WHERE type = 'index' AND sql IS NOT NULL)").unwrap();
    check("(SELECT count(*) = 4 FROM warehouse.sqlite_schema WHERE type = 'index' AND sql IS NOT NULL)").unwrap();
    check("(SELECT count(*) > 0 FROM erp.sqlite_stat1)").unwrap();
    check("(SELECT order_date = '2024-04-30 23:59:59.999999' FROM erp.orders WHERE order_id = 10251)").unwrap();
    check("(SELECT total_amount = '-9999999999999999.99' FROM erp.orders WHERE order_id = 10254)").unwrap();
    check("(SELECT total_amount = '0.00' FROM erp.orders WHERE order_id = 10256)").unwrap();
    check("EXISTS (SELECT 1 FROM warehouse.shipments WHERE shipment_id = '3f2504e0-4f89-11d3-9a0c-0305e82c3301')")
        .unwrap();
}

#[test]
fn a_missing_file_is_made_anew_past_the_remains_of_an_old_one() {
    let dir = tempfile::tempdir().unwrap();
    copy(dir.path(), &["erp.db"]);
    for remains in ["warehouse.db.part", "warehouse.db-journal", "warehouse.db-wal"] {
        fs::write(dir.path().join(remains), "cut off").unwrap();
    }
    let demo = again(dir.path()).unwrap();
    assert!(demo.created);
    assert!(fs::read(&demo.warehouse).unwrap() == fs::read(&MADE.1.warehouse).unwrap(), "equal scale, equal bytes");
    let mut names: Vec<_> =
        fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["demo.lock", "erp.db", "warehouse.db"]);
}

#[test]
fn another_scale_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    copy(dir.path(), &["warehouse.db"]);
    let error = ensure(dir.path(), 3, &mut |_| ()).unwrap_err();
    assert!(matches!(error, DemoError::OtherScale { found: 1, wanted: 3, .. }), "{error}");
    assert!(error.to_string().contains("Start with --scale 1"), "{error}");
    assert!(!dir.path().join("erp.db").exists(), "nothing is made before all is checked");
    for scale in [0, 101] {
        assert!(matches!(ensure(dir.path(), scale, &mut |_| ()), Err(DemoError::Scale { .. })));
    }
}

#[test]
fn damaged_and_foreign_files_are_refused_and_kept() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("warehouse.db");
    let good = fs::read(&MADE.1.warehouse).unwrap();
    let mut broken = good.clone();
    broken[20 * 4096..40 * 4096].fill(0x11);
    for content in
        [&b"not a database at all, and long enough to have a header ........"[..], &good[..9_000], b"", &broken]
    {
        fs::write(&file, content).unwrap();
        let error = again(dir.path()).unwrap_err();
        assert!(matches!(error, DemoError::Damaged { .. }), "{error}");
        assert!(error.to_string().contains("warehouse.db is damaged"), "{error}");
        assert!(fs::read(&file).unwrap() == content);
    }
    let version = i32::try_from(DATA_VERSION).unwrap() * 1_000 + 1;
    for (application_id, user_version) in [(0, 0), (APPLICATION_ID, version)] {
        fs::remove_file(&file).unwrap();
        other_database(&file, application_id, user_version);
        assert!(matches!(again(dir.path()), Err(DemoError::Damaged { .. })), "{application_id}");
    }
    fs::remove_file(&file).unwrap();
    other_database(&file, APPLICATION_ID, version + 1_000);
    assert!(matches!(again(dir.path()), Err(DemoError::OtherVersion { .. })));
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    assert!(matches!(again(dir.path()), Err(DemoError::Damaged { .. })));
}

#[test]
fn a_folder_that_cannot_be_written_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    assert!(matches!(again(&file), Err(DemoError::Unwritable { .. })));
    assert!(matches!(again(&file.join("below")), Err(DemoError::Unwritable { .. })));
    assert!(sentence(&file).starts_with("Sample data cannot be written to the folder "), "{}", sentence(&file));
}

#[test]
fn two_processes_do_not_make_the_same_data() {
    let dir = tempfile::tempdir().unwrap();
    copy(dir.path(), &["erp.db"]);
    let lock = fs::File::create(dir.path().join("demo.lock")).unwrap();
    lock.lock().unwrap();
    assert!(matches!(again(dir.path()), Err(DemoError::Occupied { .. })));
    drop(lock);
    assert!(again(dir.path()).is_ok());
}

#[test]
fn the_mark_is_what_the_docs_say() {
    let found = inspect(&MADE.1.erp, u64::MAX).unwrap();
    assert_eq!(found.mark.application_id, APPLICATION_ID);
    assert_eq!(found.tables, ["accounts", "invoices", "order_lines", "orders", "products", "wide_orders"]);
}

#[test]
fn every_metadata_file_is_inside_the_program() {
    for (folder, files) in metadata() {
        let on_disk = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap();
        let mut on_disk: Vec<_> = on_disk.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        on_disk.sort();
        let mut embedded: Vec<_> = files.iter().map(|(name, _)| (*name).to_owned()).collect();
        embedded.sort();
        assert_eq!(embedded, on_disk, "{folder}");
        assert_eq!(files[0].0, "service.toml");
    }
}
