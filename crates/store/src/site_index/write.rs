//! Making an index, and putting it in the place of the one before.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Error, Write};
use std::path::Path;

use portolan_ports::site::Record;
use zerocopy::IntoBytes;

use super::database::Seal;
use super::form::{
    Bearer, Entry, FORM, Header, MAGIC, MOST_RECORD, Name, Number, PORTS, PortRow, WIDE, Wide,
    fold, key, scope_hash,
};
use super::{FILE, NEW, patch};
use crate::site::content;

/// The bytes of an index of `records`, which are a database's as `seal` and `generation` say.
pub(super) fn bytes(records: &[Record], generation: u64, seal: Seal) -> Result<Vec<u8>, Error> {
    let mut sections = Rows::default();
    let mut by_number: Vec<&Record> = records.iter().collect();
    by_number.sort_by_key(|record| record.id);
    let mut heap = Vec::new();
    for record in by_number {
        sections.add(record, &mut heap)?;
    }
    let (ports, entries) = sections.ports()?;
    let (names, bearers, spelled) = sections.names();
    let mut header = Header {
        magic: MAGIC,
        form: FORM.into(),
        reserved: 0.into(),
        generation: generation.into(),
        device: seal.device.into(),
        inode: seal.inode.into(),
        modified_ns: seal.modified_ns.into(),
        database_length: seal.length.into(),
        length: 0.into(),
        entries: (entries.len() as u64).into(),
        wide: (sections.wide.len() as u64).into(),
        names: (names.len() as u64).into(),
        bearers: (bearers.len() as u64).into(),
        numbers: (sections.numbers.len() as u64).into(),
        spelled: (spelled.len() as u64).into(),
        heap: (heap.len() as u64).into(),
        checksum: 0.into(),
    };
    let end = header.sections().map_or(0, |sections| sections.end);
    header.length = end.into();
    header.checksum = header.sum().into();
    Ok([
        header.as_bytes(),
        ports.as_bytes(),
        entries.as_bytes(),
        sections.wide.as_bytes(),
        names.as_bytes(),
        bearers.as_bytes(),
        sections.numbers.as_bytes(),
        spelled.as_bytes(),
        heap.as_bytes(),
    ]
    .concat())
}

/// Puts an index into a folder, whole or not at all, and takes away the patch of the one before.
pub(super) fn install(folder: &Path, bytes: &[u8]) -> Result<(), Error> {
    clear(folder);
    // The name must never stand for bytes that a crash of the machine may still take back: no
    // checksum reaches all of them.
    put(folder, FILE, bytes, File::sync_data)?;
    // One that stays is of another index, which it says.
    std::fs::remove_file(folder.join(patch::FILE)).unwrap_or_default();
    Ok(())
}

/// Puts a patch into a folder, whole or not at all. Its checksum tells one that a crash of the machine
/// tore, so that the disk is not waited for.
pub(super) fn install_patch(folder: &Path, bytes: &[u8]) -> Result<(), Error> {
    put(folder, patch::FILE, bytes, |_| Ok(()))
}

/// Everybody may read what is put there.
fn put(
    folder: &Path,
    name: &str,
    bytes: &[u8],
    settle: impl FnOnce(&File) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut file = tempfile::Builder::new().prefix(NEW).tempfile_in(folder)?;
    file.as_file().lock()?;
    file.write_all(bytes)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};
        // Who may write the folder as its group takes steps too, after which the index is patched.
        let (above, own) = (std::fs::metadata(folder)?, file.as_file().metadata()?);
        let is_shared = above.mode() & 0o020 != 0 && above.gid() == own.gid();
        let mode = if is_shared { 0o664 } else { 0o644 };
        let readable = std::fs::Permissions::from_mode(mode);
        file.as_file().set_permissions(readable)?;
    }
    settle(file.as_file())?;
    file.persist(folder.join(name))?;
    Ok(())
}

/// Takes away what writers left behind that were killed: nobody has it locked.
fn clear(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let is_new = entry.file_name().to_string_lossy().starts_with(NEW);
        let is_file = || entry.file_type().is_ok_and(|kind| kind.is_file());
        if is_new && is_file() {
            let path = entry.path();
            let is_left = File::open(&path).is_ok_and(|file| file.try_lock().is_ok());
            if is_left {
                // What stays lies there for the next one.
                std::fs::remove_file(path).unwrap_or_default();
            }
        }
    }
}

/// The rows, as they are gathered record by record.
#[derive(Default)]
struct Rows {
    /// Port, whether it does not hold it, and the entry, for sorting.
    entries: Vec<(u16, bool, u32, Entry)>,
    wide: Vec<Wide>,
    numbers: Vec<Number>,
    names: BTreeMap<String, (String, Vec<Bearer>)>,
}

impl Rows {
    fn add(&mut self, record: &Record, heap: &mut Vec<u8>) -> Result<(), Error> {
        let at = heap.len() as u64;
        let text = content::write(record)
            .map_err(|because| Error::other(format!("record {}: {because}", record.id)))?;
        let length = u32::try_from(text.len()).ok();
        let length = length
            .filter(|length| *length <= MOST_RECORD)
            .ok_or_else(|| Error::other(format!("record {} is larger than 1 MiB", record.id)))?;
        heap.extend_from_slice(text.as_bytes());
        heap.push(b'\n');
        self.numbers.push(Number {
            id: record.id.into(),
            at: at.into(),
            length: length.into(),
            reserved: 0.into(),
        });
        let scope = scope_hash(&record.fields.scope);
        let entry = Entry {
            scope: scope.into(),
            length: length.into(),
            at: at.into(),
        };
        let holds = record.status.holds();
        match record.fields.ports {
            Some(ports) if ports.count() > WIDE => self.wide.push(Wide {
                first: ports.first().into(),
                last: ports.last().into(),
                holds: u32::from(holds).into(),
                entry,
            }),
            Some(ports) => {
                let rows = ports.ports().map(|port| (port, !holds, scope, entry));
                self.entries.extend(rows);
            }
            None => {}
        }
        let name = fold(&record.fields.service_name);
        if !name.is_empty() {
            let spelled = || (record.fields.service_name.clone(), Vec::new());
            let (_, bearers) = self.names.entry(name).or_insert_with(spelled);
            bearers.push(Bearer {
                at: at.into(),
                length: length.into(),
                reserved: 0.into(),
            });
        }
        Ok(())
    }

    fn ports(&mut self) -> Result<(Vec<PortRow>, Vec<Entry>), Error> {
        self.entries
            .sort_by_key(|(port, loose, scope, _)| (*port, *loose, *scope));
        let most = u32::try_from(self.entries.len());
        most.map_err(|_| Error::other("there are too many records for an index"))?;
        let mut rows = Vec::new();
        let mut rest = self.entries.as_slice();
        for port in 0..PORTS {
            let own = rest.partition_point(|(own, ..)| u64::from(*own) == port);
            let held = rest[..own].partition_point(|(_, loose, ..)| !loose);
            rows.push(PortRow {
                start: ((self.entries.len() - rest.len()) as u32).into(),
                held: (held as u32).into(),
            });
            rest = &rest[own..];
        }
        let entries = self.entries.iter().map(|(.., entry)| *entry).collect();
        Ok((rows, entries))
    }

    fn names(&self) -> (Vec<Name>, Vec<Bearer>, String) {
        let mut names = Vec::new();
        let mut bearers = Vec::new();
        let mut spelled = String::new();
        for (name, (written, own)) in &self.names {
            names.push(Name {
                key: key(name),
                spelled_at: (spelled.len() as u64).into(),
                spelled_length: (written.len() as u32).into(),
                bearers: (own.len() as u32).into(),
                first_bearer: (bearers.len() as u64).into(),
            });
            bearers.extend_from_slice(own);
            spelled.push_str(written);
        }
        (names, bearers, spelled)
    }
}
