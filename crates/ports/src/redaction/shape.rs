//! The shapes of secrets that no name stands before.

/// How the tokens of well-known issuers begin (their own documentation, and the lists of secret
/// scanners); what follows is long.
const PREFIXES: &str = "eyJ AKIA ASIA ABIA ACCA ghp_ gho_ ghu_ ghs_ ghr_ github_pat_ glpat- glrt- \
    xoxb- xoxp- xoxa- xoxr- xoxs- xapp- sk- sk_live_ sk_test_ rk_live_ rk_test_ pk_live_ whsec_ \
    AIza ya29. npm_ pypi- hf_ hvs. hvb. dop_v1_ doo_v1_ SG. shpat_ lin_api_ dapi tskey- \
    dckr_pat_ AGE-SECRET-KEY- nvapi- gsk_ r8_ PMAK- sntrys_ ATATT";
/// What stands before the secret part of an address that whoever knows it may send to.
const HOOKS: &str = "hooks.slack.com/services/ /api/webhooks/ api.telegram.org/bot";
/// The shortest token with such a beginning.
const SHORTEST: usize = 16;
/// From this length on, a word of capitals, small letters and digits is taken for a secret.
const RANDOM: usize = 32;

/// Where the first secret of a text begins.
pub(super) fn find(text: &str) -> Option<usize> {
    // Most arguments are short, and no shape is.
    if text.len() < SHORTEST {
        return bearer(text);
    }
    let pem = text.find("-----BEGIN").map(|at| at + "-----BEGIN".len());
    let issued = tokens(text, false).find(|(_, token)| is_issued(token));
    let random = tokens(text, true).find(|(_, token)| is_long_random(token));
    let token = issued.into_iter().chain(random).map(|(start, _)| start);
    let hook = HOOKS
        .split_ascii_whitespace()
        .filter_map(|hook| Some(text.find(hook)? + hook.len()));
    hook.chain(pem).chain(token).chain(bearer(text)).min()
}

/// `Bearer x` and `Basic x` (RFC 6750, RFC 7617), wherever they stand.
fn bearer(text: &str) -> Option<usize> {
    if !text.contains(char::is_whitespace) {
        return None;
    }
    let mut end_of_scheme = false;
    for word in text.split_whitespace() {
        if end_of_scheme {
            return Some(word.as_ptr().addr() - text.as_ptr().addr());
        }
        end_of_scheme = is_scheme(word.trim_start_matches(|c: char| !c.is_ascii_alphabetic()));
    }
    None
}

/// Whether a word says how the next one authenticates.
pub(super) fn is_scheme(word: &str) -> bool {
    ["bearer", "basic"]
        .iter()
        .any(|scheme| word.eq_ignore_ascii_case(scheme))
}

fn is_issued(token: &str) -> bool {
    token.len() >= SHORTEST
        && PREFIXES
            .split_ascii_whitespace()
            .any(|prefix| token.starts_with(prefix))
        && token.bytes().any(|byte| byte.is_ascii_digit())
}

fn is_long_random(token: &str) -> bool {
    token.len() >= RANDOM && !token.starts_with(['/', '.', '-']) && is_random(token)
}

/// Whether a value mixes what words and paths rarely mix.
pub(super) fn is_random(value: &str) -> bool {
    let count = |is: fn(&u8) -> bool| value.bytes().filter(is).count();
    value.len() >= 20
        && count(u8::is_ascii_uppercase) >= 3
        && count(u8::is_ascii_lowercase) >= 3
        && count(u8::is_ascii_digit) >= 3
        && count(|byte| matches!(byte, b'.' | b' ' | b':' | b',')) == 0
}

/// The runs of bytes that tokens consist of, with where each begins. Base64 (RFC 4648) has slashes;
/// issued tokens have none, and stand in paths.
fn tokens(text: &str, slash: bool) -> impl Iterator<Item = (usize, &str)> {
    let is_inside = move |c: char| {
        c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '+') || (slash && c == '/')
    };
    text.split(move |c| !is_inside(c))
        .map(|token| (token.as_ptr().addr() - text.as_ptr().addr(), token))
        .filter(|(_, token)| !token.is_empty())
}
