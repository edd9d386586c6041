//! Limits of the exchange. Whoever sends keeps to them, whoever receives checks them first.

/// Bytes of a probe picture (PNG).
pub const PROBE_BYTES: usize = 1024 * 1024;
/// Earlier prints, of other fingers of one person, that one is searched together with.
pub const PRINTS_TOGETHER: usize = 3;
/// Bytes of one envelope's ciphertext: a probe and its fact.
pub const CIPHERTEXT_BYTES: usize = PROBE_BYTES + 64 * 1024;
/// Envelopes of one batch.
pub const BATCH_ENVELOPES: usize = 256;
/// Bytes of one outbox body; one largest envelope always fits.
pub const BATCH_BYTES: usize = 4 * 1024 * 1024;
/// Slowest connection that a body is given time for, bytes a second: both sides wait accordingly.
pub const SLOWEST_BYTES_PER_S: u64 = 4 * 1024;
/// Bytes of any JSON request body.
pub const JSON_BYTES: usize = 64 * 1024;
/// Bytes of any response that a tablet reads.
pub const RESPONSE_BYTES: usize = 4 * 1024 * 1024;
/// Messages of one inbox page.
pub const INBOX_MESSAGES: usize = 64;
/// Rows of either list of a desk's board.
pub const BOARD_ROWS: usize = 500;
/// Places of a unit, and notices of a day, that a log-in brings; characters of one.
pub const KIT_ROWS: usize = 16;
pub const KIT_CHARS: usize = 500;
/// Days of a report's period.
pub const REPORT_DAYS: u32 = 92;
/// Rows of either list of a report, and encounters named of one person.
pub const REPORT_ROWS: usize = 500;
pub const REPORT_ENCOUNTERS: usize = 40;
/// From how many encounters on a report lists a person: at least, at most, and if nothing is said.
pub const REPORT_AGAIN: std::ops::RangeInclusive<u32> = 2..=1_000;
pub const REPORT_AGAIN_DEFAULT: u32 = 3;
/// Longest long poll, milliseconds.
pub const INBOX_WAIT_MS: u64 = 25_000;
/// Characters of a login name; bytes of a password.
pub const LOGIN_CHARS: usize = 64;
pub const PASSWORD_BYTES: usize = 256;
/// Officers of one roster.
pub const ROSTER_ENTRIES: usize = 500;
/// Bytes of one sealed capture, and of one part of it on its way.
pub const CAPTURE_BYTES: u64 = 1024 * 1024 * 1024;
pub const CAPTURE_PART_BYTES: usize = 256 * 1024;
/// Characters of a complaint's number.
pub const COMPLAINT_CHARS: usize = 64;
/// Bytes of one portrait of a register, as JPEG.
pub const PORTRAIT_BYTES: usize = 24 * 1024;
/// Bytes of one photo, as JPEG.
pub const PHOTO_BYTES: usize = 4 * 1024 * 1024;
/// Bytes of a citizen's receipt with signature and certificate: one QR code of level M that a phone reads
/// from a tablet's screen.
pub const SLIP_BYTES: usize = 1_680;
/// Characters of its texts.
pub const SLIP_ID_CHARS: usize = 40;
pub const SLIP_RANK_CHARS: usize = 40;
pub const SLIP_NAME_CHARS: usize = 60;
pub const SLIP_UNIT_CHARS: usize = 60;
pub const SLIP_PLACE_CHARS: usize = 80;
pub const SLIP_TITLE_CHARS: usize = regulation::edition::GROUND_TITLE_CHARS;
pub const SLIP_COMPLAIN_CHARS: usize = regulation::edition::COMPLAIN_CHARS;
