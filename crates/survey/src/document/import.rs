//! `portolan registry import --json`.

use portolan_ports::site::Refusal;
use serde::Serialize;

/// What came of an import.
#[derive(Debug, Serialize)]
pub struct ImportDocument<'a> {
    schema: &'static str,
    file: &'a str,
    dry_run: bool,
    imported: usize,
    already_there: usize,
    refused: Option<RefusedBody>,
    remarks: Vec<RemarkBody>,
}

#[derive(Debug, Serialize)]
struct RefusedBody {
    line: u64,
    section: String,
    because: String,
    next: Option<String>,
}

#[derive(Debug, Serialize)]
struct RemarkBody {
    line: u64,
    remark: String,
}

impl<'a> ImportDocument<'a> {
    /// Of a file in which so many records are kept already, and of which nothing is taken so far.
    #[must_use]
    pub fn new(file: &'a str, dry_run: bool, already_there: usize) -> Self {
        Self {
            schema: "portolan.site_import/1",
            file,
            dry_run,
            imported: 0,
            already_there,
            refused: None,
            remarks: Vec::new(),
        }
    }

    /// So many records were taken over, or would be.
    pub fn taken(&mut self, imported: usize) {
        self.imported = imported;
    }

    /// What to know of records, by their lines.
    pub fn remarks<'r>(&mut self, remarks: impl Iterator<Item = (u64, &'r str)>) {
        self.remarks
            .extend(remarks.map(|(line, remark)| RemarkBody {
                line,
                remark: remark.to_owned(),
            }));
    }

    /// The record on this line is refused, and with it all.
    pub fn refused(&mut self, line: u64, refusal: &Refusal) {
        self.refused = Some(RefusedBody {
            line,
            section: refusal.section.to_string(),
            because: refusal.because.clone(),
            next: Some(refusal.next.clone()).filter(|next| !next.is_empty()),
        });
    }

    /// How many were taken over.
    #[must_use]
    pub const fn imported(&self) -> usize {
        self.imported
    }

    /// The remarks, with their lines.
    pub fn told(&self) -> impl Iterator<Item = (u64, &str)> {
        self.remarks
            .iter()
            .map(|body| (body.line, body.remark.as_str()))
    }
}
