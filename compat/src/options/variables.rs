//! Variables of the environment that stand for options (rsync(1), ENVIRONMENT VARIABLES).

use super::Bytes;
use super::draft::Draft;
use super::error::{Role, UsageError};
use super::resolve::Variables;
use crate::digest::Algorithm;
use crate::exit::Exit;

/// Puts them in the place of options that were not given.
pub(crate) fn apply(draft: &mut Draft, variables: &Variables) {
    if draft.max_alloc.is_none() {
        draft.max_alloc = variables.max_alloc.clone().filter(|size| !size.is_empty());
    }
    if draft.args.old.is_none() && draft.args.secluded.is_none() {
        draft.args.old = variables.old_args.as_deref().map(|text| number(text) != 0);
    }
    if draft.iconv.is_none() {
        draft.iconv = variables.iconv.clone().filter(|charsets| !charsets.is_empty());
    }
}

/// The number that a text begins with, as C's `atoi` reads it; 0 for none.
fn number(text: &[u8]) -> u32 {
    let digits: Vec<u8> = text.iter().copied().take_while(u8::is_ascii_digit).collect();
    std::str::from_utf8(&digits).ok().and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

/// Settles on algorithms from the lists, where no option names one.
///
/// # Errors
/// Lists that have nothing in common with what there is.
pub(crate) fn negotiate(draft: &mut Draft, variables: &Variables) -> Result<(), UsageError> {
    // Whoever reads a batch cannot be asked: there is one algorithm of each kind, whatever the lists say.
    if draft.batch.writes && !draft.options.write.dry_run {
        let sum: &[u8] = if draft.options.protocol < 30 { b"md4" } else { b"md5" };
        return settle(draft, Some(sum), Some(b"zlib"));
    }
    settle(draft, named(&variables.checksum_list), named(&variables.compress_list))
}

/// Settles on algorithms from these lists.
fn settle(draft: &mut Draft, sums: Option<&[u8]>, compressions: Option<&[u8]>) -> Result<(), UsageError> {
    // That is no choice.
    for choice in [&mut draft.checksum_choice, &mut draft.compress_choice] {
        choice.take_if(|choice| choice.eq_ignore_ascii_case(b"auto"));
    }
    if let (Some(list), Some(choice)) = (sums, &draft.checksum_choice) {
        let same = |one: &[u8], two: &[u8]| Algorithm::named(one) == Algorithm::named(two);
        offered("checksum", list, choice, &same)?;
    }
    if let (Some(list), Some(choice)) = (compressions, &draft.compress_choice) {
        offered("compress", list, choice, &<[u8]>::eq_ignore_ascii_case)?;
    }
    if let Some(list) = sums.filter(|_| draft.checksum_choice.is_none()) {
        let known = |name: &[u8]| name != b"auto" && Algorithm::named(name).is_some();
        let chosen = first_common("checksum", list, &known)?;
        draft.checksum_choice = Some(chosen);
        let sum = super::conflicts::sum(draft)?;
        draft.options.output.sum = sum;
    }
    if let Some(list) = compressions
        && draft.compress
        && draft.compress_choice.is_none()
    {
        let known = |name: &[u8]| name != b"auto" && super::conflicts::compression(name).is_ok();
        first_common("compress", list, &known)?;
    }
    Ok(())
}

fn named(list: &Option<Bytes>) -> Option<&[u8]> {
    list.as_deref().filter(|list| !list.is_empty())
}

/// Refuses a choice of which some name is not in the receiving side's list; `auto` stands for MD5 beside another name.
fn offered(
    what: &str,
    list: &[u8],
    choice: &[u8],
    same: &dyn Fn(&[u8], &[u8]) -> bool,
) -> Result<(), UsageError> {
    let (_, server) = halves(list);
    let has = |name: &[u8]| {
        let name = if name.eq_ignore_ascii_case(b"auto") { b"md5" } else { name };
        server.split(u8::is_ascii_whitespace).any(|own| same(own, name))
    };
    if choice.split(|&byte| byte == b',').all(has) {
        return Ok(());
    }
    let words = format!("Your --{what}-choice value (");
    let line = [words.as_bytes(), choice, b") was refused by the server."].concat();
    Err(UsageError::at(line, Exit::StreamIo, "io.c(285)", Role::Sender))
}

/// The client's list and the server's: one is both's, two have `&` between them.
fn halves(list: &[u8]) -> (&[u8], &[u8]) {
    match list.iter().position(|&byte| byte == b'&') {
        Some(at) if list[..at].iter().all(u8::is_ascii_whitespace) => (&list[at + 1..], &list[at + 1..]),
        Some(at) => (&list[..at], &list[at + 1..]),
        None => (list, list),
    }
}

/// The first name of the client's list that the server's has too.
fn first_common(what: &str, list: &[u8], known: &dyn Fn(&[u8]) -> bool) -> Result<Bytes, UsageError> {
    let names = |text: &[u8]| -> Vec<Bytes> {
        let words = text.split(u8::is_ascii_whitespace).map(<[u8]>::to_ascii_lowercase);
        words.filter(|word| known(word)).collect()
    };
    let (client, server) = halves(list);
    let (client, server) = (names(client), names(server));
    if let Some(name) = client.iter().find(|name| server.contains(name)) {
        return Ok(name.clone());
    }
    let shown = |names: &[Bytes]| match names {
        [] => b"INVALID".to_vec(),
        names => names.join(&b' '),
    };
    let mut refused = UsageError::at(Bytes::new(), Exit::Unsupported, "compat.c(406)", Role::Sender);
    refused.lines.splice(
        0..1,
        [
            format!("Failed to negotiate a {what} choice.").into_bytes(),
            [b"Server list: ".to_vec(), shown(&server)].concat(),
            [b"Client list: ".to_vec(), shown(&client)].concat(),
        ],
    );
    Err(refused)
}
