//! Many records in one row: sqlx hands rows over one at a time, from one thread to another, which
//! costs more than reading them.

use sqlx::SqliteConnection;

use super::Trouble;

/// Between two records, and between the parts of one. JSON holds neither as it is (RFC 8259, section
/// 7), so that a content which does is none.
const RECORD: char = '\u{1e}';
const PART: char = '\u{1f}';

/// `$1` the number before, `$2` how many.
const PAGE: &str = "
    SELECT COUNT(*),
           SUM(typeof(version) = 'integer' AND typeof(status) = 'text' AND typeof(content) = 'text'),
           group_concat(id || char(31) || version || char(31) || status || char(31) || content,
                        char(30))
    FROM (SELECT id, version, status, content FROM site_record
          WHERE id > $1 ORDER BY id LIMIT $2)";

/// Rows of site_record that follow one another.
pub(crate) struct Page {
    text: String,
    count: usize,
}

/// A row of one.
pub(crate) struct PageRow<'p> {
    pub(crate) id: i64,
    pub(crate) version: i64,
    pub(crate) status: &'p str,
    pub(crate) content: &'p str,
}

impl Page {
    /// The rows after a number, so many at most. `None` where one of them is not as it should be, or all
    /// are too long for one text: they have to be read one by one, which tells the one.
    pub(crate) async fn read(
        connection: &mut SqliteConnection,
        after: i64,
        count: i64,
    ) -> Option<Self> {
        type Row = (i64, Option<i64>, Option<String>);
        let read = sqlx::query_as(PAGE).bind(after).bind(count);
        let read: Result<Row, Trouble> = read.fetch_one(connection).await.map_err(Trouble::from);
        let (count, sound, text) = read.ok()?;
        (sound.unwrap_or(0) == count).then_some(Self {
            text: text.unwrap_or_default(),
            count: usize::try_from(count).ok()?,
        })
    }

    /// Its rows, by number; `None` where one is not as it should be.
    pub(crate) fn rows(&self) -> Option<Vec<PageRow<'_>>> {
        if self.count == 0 {
            return Some(Vec::new());
        }
        let rows: Option<Vec<PageRow<'_>>> = self.text.split(RECORD).map(row).collect();
        rows.filter(|rows| {
            rows.len() == self.count && rows.is_sorted_by(|one, next| one.id < next.id)
        })
    }
}

fn row(text: &str) -> Option<PageRow<'_>> {
    let mut parts = text.splitn(4, PART);
    Some(PageRow {
        id: parts.next()?.parse().ok()?,
        version: parts.next()?.parse().ok()?,
        status: parts.next()?,
        content: parts.next()?,
    })
}
