//! `--version` as text, and as JSON when given twice; rsync's keys, true values.

use super::super::Bytes;

/// How the version is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VersionForm {
    /// `-V`.
    Text,
    /// `-VV`.
    Json,
}

/// What this build can do, as rsync names it.
#[derive(Debug, Clone, Copy)]
enum Able {
    Bits(u32),
    Yes,
    No,
    Optional,
}

/// Key in JSON, words in text, and the truth.
static CAPABILITIES: [(&str, &str, Able); 23] = [
    ("file_bits", "bit files", Able::Bits(64)),
    ("inum_bits", "bit inums", Able::Bits(64)),
    ("timestamp_bits", "bit timestamps", Able::Bits(64)),
    ("long_int_bits", "bit long ints", Able::Bits(64)),
    ("socketpairs", "socketpairs", Able::No),
    ("symlinks", "symlinks", Able::Yes),
    ("symtimes", "symtimes", Able::Yes),
    ("hardlinks", "hardlinks", Able::Yes),
    ("hardlink_specials", "hardlink-specials", Able::Yes),
    ("hardlink_symlinks", "hardlink-symlinks", Able::Yes),
    ("IPv6", "IPv6", Able::No),
    ("atimes", "atimes", Able::Yes),
    ("batchfiles", "batchfiles", Able::Yes),
    ("inplace", "inplace", Able::Yes),
    ("append", "append", Able::Yes),
    ("ACLs", "ACLs", Able::Yes),
    ("ACL_at", "ACL-at", Able::Yes),
    ("xattrs", "xattrs", Able::Yes),
    ("secluded_args", "secluded-args", Able::Optional),
    ("iconv", "iconv", Able::Yes),
    ("prealloc", "prealloc", Able::Yes),
    ("stop_at", "stop-at", Able::Yes),
    ("crtimes", "crtimes", Able::No),
];

static OPTIMIZATIONS: [(&str, &str, Able); 4] = [
    ("SIMD_roll", "SIMD-roll", Able::No),
    ("asm_roll", "asm-roll", Able::No),
    ("openssl_crypto", "openssl-crypto", Able::No),
    ("asm_MD5", "asm-MD5", Able::No),
];

static CHECKSUMS: [&str; 7] = ["xxh128", "xxh3", "xxh64", "md5", "md4", "sha1", "none"];
static COMPRESSIONS: [&str; 5] = ["zstd", "lz4", "zlibx", "zlib", "none"];

const OWN_VERSION: &str = env!("CARGO_PKG_VERSION");
const ADDRESS: &str = env!("CARGO_PKG_REPOSITORY");

/// What `--version` prints. The first line is rsync's, which scripts read, whatever name or alias they call; the second
/// says who answers.
#[must_use]
pub fn version_text(form: VersionForm) -> Bytes {
    let text = match form {
        VersionForm::Text => plain(),
        VersionForm::Json => json(),
    };
    text.into_bytes()
}

fn plain() -> String {
    let mut text = format!(
        "rsync  version 3.5.0  protocol version 32\nThis is io-uring-sync {OWN_VERSION}, which takes rsync's place for local copies.\n"
    );
    text += &format!("Web site: {ADDRESS}\n");
    let abilities = |table: &[(&str, &str, Able)]| -> Vec<String> {
        table.iter().map(|(_, words, able)| in_words(words, *able)).collect()
    };
    text += &paragraph("Capabilities", &abilities(&CAPABILITIES), ", ");
    text += &paragraph("Optimizations", &abilities(&OPTIMIZATIONS), ", ");
    text += &paragraph("Checksum list", &CHECKSUMS.map(str::to_owned), " ");
    text += &paragraph("Compress list (accepted, not used)", &COMPRESSIONS.map(str::to_owned), " ");
    text += "\nMIT OR Apache-2.0. There is no warranty, to the extent permitted by law.\n";
    text
}

fn in_words(words: &str, able: Able) -> String {
    match able {
        Able::Bits(bits) => format!("{bits}-{words}"),
        Able::Yes => words.to_owned(),
        Able::No => format!("no {words}"),
        Able::Optional => format!("optional {words}"),
    }
}

/// A heading, then words in lines of rsync's width.
fn paragraph(heading: &str, words: &[String], gap: &str) -> String {
    const WIDTH: usize = 76;
    let mut text = format!("{heading}:\n");
    let mut line = String::new();
    for (index, word) in words.iter().enumerate() {
        let last = index + 1 == words.len();
        let piece = if last { word.clone() } else { format!("{word}{gap}") };
        if !line.is_empty() && 4 + line.len() + piece.trim_end().len() > WIDTH {
            text += &format!("    {}\n", line.trim_end());
            line.clear();
        }
        line += &piece;
    }
    text + &format!("    {}\n", line.trim_end())
}

fn json() -> String {
    let entries = [
        "\"program\": \"rsync\"".to_owned(),
        "\"version\": \"3.5.0\"".to_owned(),
        "\"protocol\": \"32.0\"".to_owned(),
        "\"copyright\": \"the io-uring-sync contributors\"".to_owned(),
        format!("\"url\": \"{ADDRESS}\""),
        format!("\"implementation\": \"io-uring-sync {OWN_VERSION}\""),
        object("capabilities", &CAPABILITIES),
        object("optimizations", &OPTIMIZATIONS),
        list("checksum_list", &CHECKSUMS),
        list("compress_list", &COMPRESSIONS),
        list("daemon_auth_list", &[]),
        "\"license\": \"MIT OR Apache-2.0\"".to_owned(),
        "\"caveat\": \"there is no warranty, to the extent permitted by law\"".to_owned(),
    ];
    format!("{{\n  {}\n}}\n", entries.join(",\n  "))
}

fn object(key: &str, table: &[(&str, &str, Able)]) -> String {
    let pairs: Vec<String> = table
        .iter()
        .map(|(key, _, able)| match able {
            Able::Bits(bits) => format!("\"{key}\": {bits}"),
            Able::Yes => format!("\"{key}\": true"),
            Able::No => format!("\"{key}\": false"),
            Able::Optional => format!("\"{key}\": \"optional\""),
        })
        .collect();
    format!("\"{key}\": {{\n    {}\n  }}", pairs.join(",\n    "))
}

fn list(key: &str, words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    format!("\"{key}\": [{}]", words.join(", "))
}
