//! What deserves attention about TLS: the certificate, and versions that are forbidden.

use super::{Finding, FindingKind, Severity, finding};
use crate::identification::{Certainty, Identification};
use crate::session::{Certificate, TlsSession};

/// What deserves attention about the TLS of what answered, the most severe first.
///
/// `now` is in seconds since 1970; without it nothing is said about time.
#[must_use]
pub fn tls_findings(seen: &Identification, now: Option<i64>) -> Vec<Finding> {
    let session = seen.session.as_deref();
    let Some(session) = session.filter(|_| seen.certainty == Certainty::Proven) else {
        return Vec::new();
    };
    let certificate = session.certificate.as_ref();
    [
        certificate.zip(now).and_then(|(c, now)| validity(c, now)),
        certificate.and_then(name_mismatch),
        outdated(session),
        certificate.and_then(self_signed),
    ]
    .into_iter()
    .flatten()
    .collect()
}

const DAY: i64 = 24 * 60 * 60;

/// How long before its end a certificate is warned of, in days.
///
/// Those that last 90 days are renewed with 30 left where renewal is automatic, so with 21 left it
/// has failed for more than a week. Of shorter lives a third counts.
const NEAR: i64 = 21;

/// An expired certificate is a warning and no alert: with mail servers it changes little, and a
/// server that only this machine talks to may have had it for years.
fn validity(certificate: &Certificate, now: i64) -> Option<Finding> {
    let Certificate {
        not_before,
        not_after,
        ..
    } = *certificate;
    let called = certificate.called();
    let left = not_after.saturating_sub(now);
    let near = (NEAR * DAY).min(not_after.saturating_sub(not_before) / 3);
    let (kind, because) = if now < not_before {
        let from = day(not_before);
        let because = format!("the certificate for {called} is not valid before {from}");
        (FindingKind::CertificateNotYetValid, because)
    } else if left < 0 {
        let days = left.saturating_neg() / DAY;
        let because = format!(
            "the certificate for {called} expired on {}, {} ago",
            day(not_after),
            count(days)
        );
        (FindingKind::CertificateExpired, because)
    } else if left < near {
        let because = format!(
            "the certificate for {called} expires on {}, in {}",
            day(not_after),
            count(left / DAY)
        );
        (FindingKind::CertificateExpiring, because)
    } else {
        return None;
    };
    let source = Some("RFC 5280 section 4.1.2.5".to_owned());
    Some(Finding {
        source,
        ..finding(kind, Severity::Warning, because)
    })
}

fn name_mismatch(certificate: &Certificate) -> Option<Finding> {
    if certificate.for_host != Some(false) {
        return None;
    }
    const MOST: usize = 3;
    let names = &certificate.names;
    let listed: Vec<&str> = names.iter().take(MOST).map(String::as_str).collect();
    let named = match (names.len().saturating_sub(MOST), listed.is_empty()) {
        (_, true) => "it has no names".to_owned(),
        (0, _) => format!("it is for {}", listed.join(", ")),
        (more, _) => format!("it is for {} and {more} more", listed.join(", ")),
    };
    let because = format!("the certificate is not for the host that was asked for: {named}");
    let source = Some("RFC 9525 section 6".to_owned());
    Some(Finding {
        source,
        ..finding(
            FindingKind::CertificateNameMismatch,
            Severity::Warning,
            because,
        )
    })
}

fn self_signed(certificate: &Certificate) -> Option<Finding> {
    if certificate.self_signed != Some(true) {
        return None;
    }
    let because = format!(
        "the certificate for {} is signed by its own key: nobody else vouches for it",
        certificate.called()
    );
    Some(finding(
        FindingKind::CertificateSelfSigned,
        Severity::Note,
        because,
    ))
}

fn outdated(session: &TlsSession) -> Option<Finding> {
    let accepted: Vec<_> = session
        .versions
        .iter()
        .filter_map(|version| version.forbidden_by().map(|source| (version, source)))
        .collect();
    let (_, source) = accepted.first()?;
    let names: Vec<&str> = accepted.iter().map(|(v, _)| v.as_str()).collect();
    let because = format!("it accepts {}, which must not be used", names.join(", "));
    Some(Finding {
        source: Some((*source).to_owned()),
        ..finding(FindingKind::TlsOutdated, Severity::Warning, because)
    })
}

fn count(days: i64) -> String {
    match days {
        0 => "less than a day".to_owned(),
        1 => "1 day".to_owned(),
        _ => format!("{days} days"),
    }
}

/// The day in UTC, `YYYY-MM-DD`, by the civil calendar's cycle of 400 years (146,097 days).
fn day(seconds: i64) -> String {
    // Days since 0000-03-01, so that a leap day ends its year.
    let days = seconds.div_euclid(DAY) + 719_468;
    let (cycle, of_cycle) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_cycle - of_cycle / 1_460 + of_cycle / 36_524 - of_cycle / 146_096) / 365;
    let of_year = of_cycle - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let of_month = of_year - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    format!("{:04}-{month:02}-{of_month:02}", cycle * 400 + year + next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        for (seconds, wanted) in [
            (0, "1970-01-01"),
            (-1, "1969-12-31"),
            (951_782_400, "2000-02-29"),
            (951_868_800, "2000-03-01"),
            (1_798_761_599, "2026-12-31"),
            (1_798_761_600, "2027-01-01"),
            (4_107_542_400, "2100-03-01"),
            (253_402_300_799, "9999-12-31"),
            (-62_135_596_800, "0001-01-01"),
        ] {
            assert_eq!(day(seconds), wanted);
        }
    }
}
