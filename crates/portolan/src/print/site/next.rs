//! What happens next to a record, and who has to do it.

use jiff::civil::Date;
use portolan_ports::site::{Record, Status};

/// One sentence, or two; empty where nothing follows.
pub(crate) fn next(record: &Record, today: Date) -> String {
    let id = record.id;
    let has_port = record.fields.ports.is_some();
    match record.status {
        Status::Requested => format!(
            "a reviewer decides it: portolan registry review {id}. Until it is assigned, nothing \
             may use it (RFC 6335 section 8.1.1)"
        ),
        Status::Questioned => format!(
            "whoever asked answers: portolan registry modify {id} --because ANSWER, with what \
             changes; or takes it back: portolan registry withdraw {id}"
        ),
        Status::Assigned => match &record.revocation {
            Some(revocation) if today >= revocation.effective => {
                format!("the notice has run: portolan registry revoke {id} --complete, or --cancel")
            }
            Some(revocation) => format!(
                "the notice runs until {}; then portolan registry revoke {id} --complete, or \
                 --cancel before",
                revocation.effective
            ),
            None if has_port => format!(
                "use it. When it is no longer needed, give it back: portolan registry deassign {id} \
                 --because TEXT"
            ),
            None => String::new(),
        },
        Status::Declined => {
            "file another request: portolan registry request, with what was missing".to_owned()
        }
        Status::Reserved if has_port => format!(
            "nobody may use the number. Another service of the same assignee asks for it with: \
             portolan registry reuse {id} NAME; another assignee's, where no other number will do, \
             with --why-reserved TEXT"
        ),
        Status::Reserved | Status::Withdrawn | Status::Unassigned => String::new(),
    }
}
