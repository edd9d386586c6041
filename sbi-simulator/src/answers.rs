//! What the device says: discovery, description, prints. Honest, or with a mischief.

use crate::keys::{KeysError, Signers, part};
use crate::panel::{Outside, Status};
use crate::{Mischief, Options};
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::macros::format_description;

const SPEC_VERSION: &str = "0.9.5";
pub const DEVICE_ID: &str = "SIM-1";
const DEVICE_CODE: &str = "00000000-simulated-0000";
const SERVICE_VERSION: &str = "0.0.simulated";

/// How the device numbers things: the schema has numbers, some services read and write texts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Numbers {
    /// Takes both, writes as the schema has it.
    #[default]
    Any,
    /// Takes numbers alone.
    Numbers,
    /// Takes texts alone, and writes them.
    Texts,
}

pub fn moment(offset_hours: i64) -> String {
    let at = OffsetDateTime::now_utc() + time::Duration::hours(offset_hours);
    let format =
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    at.format(&format).unwrap_or_default()
}

fn digital_id(options: &Options, serial: &str) -> Value {
    json!({
        "serialNo": serial,
        "make": "Simulated",
        "model": "Simulated scanner",
        "type": "Finger",
        "deviceSubType": if options.slap { "Slap" } else { "Single" },
        "deviceProvider": "Simulated provider",
        "deviceProviderId": "SIMULATED",
        "dateTime": moment(0),
    })
}

fn sub_ids(options: &Options) -> Value {
    match (options.slap, options.numbers) {
        (true, Numbers::Texts) => json!(["1", "2", "3"]),
        (true, _) => json!([1, 2, 3]),
        (false, Numbers::Texts) => json!("0"),
        (false, _) => json!([0]),
    }
}

pub fn error(code: u32) -> Value {
    json!({"errorCode": code.to_string(), "errorInfo": if code == 0 { "Success" } else { "Simulated" }})
}

/// `MOSIPDISC`: nothing where the device is not plugged in.
pub fn devices(options: &Options, outside: &Outside, port: u16) -> Value {
    if !outside.plugged {
        return json!([{"error": error(106)}]);
    }
    let registered = outside.status != Status::NotRegistered;
    json!([{
        "deviceId": if registered { DEVICE_ID } else { "" },
        "deviceStatus": status(outside).name(),
        "certification": "L1",
        "serviceVersion": SERVICE_VERSION,
        "deviceSubId": sub_ids(options),
        "callbackId": format!("http://127.0.0.1:{port}/"),
        "digitalId": part(digital_id(options, &options.serial).to_string()),
        "deviceCode": if registered { DEVICE_CODE } else { "" },
        "specVersion": [SPEC_VERSION],
        "purpose": if registered { "Registration" } else { "" },
        "error": error(status(outside).code()),
    }])
}

/// `MOSIPDINFO`.
pub fn infos(
    options: &Options,
    signers: &Signers,
    outside: &Outside,
    port: u16,
) -> Result<Value, KeysError> {
    if !outside.plugged {
        return Ok(json!([{"deviceInfo": "", "error": error(106)}]));
    }
    let environment = match outside.mischief {
        Some(Mischief::InfoOfOtherEnvironment) => "Developer",
        _ => options.environment.as_str(),
    };
    let info = json!({
        "deviceStatus": status(outside).name(),
        "deviceId": DEVICE_ID,
        "firmware": "0.0",
        "certification": "L1",
        "serviceVersion": SERVICE_VERSION,
        "deviceSubId": sub_ids(options),
        "callbackId": format!("http://127.0.0.1:{port}/"),
        "digitalId": signers.described(&digital_id(options, &options.serial), false)?,
        "deviceCode": DEVICE_CODE,
        "env": environment,
        "purpose": "Registration",
        "specVersion": [SPEC_VERSION],
    });
    let signed = signers.info(&info, outside.mischief)?;
    Ok(json!([{"deviceInfo": signed, "error": error(status(outside).code())}]))
}

/// A device that captures or streams is busy for everybody else.
pub fn status(outside: &Outside) -> Status {
    match outside.status {
        Status::Ready if outside.capturing => Status::Busy,
        other => other,
    }
}

/// `RCAPTURE` with an error.
pub fn refused(code: u32) -> Value {
    json!({"biometrics": [{
        "specVersion": SPEC_VERSION, "data": "", "hash": "", "error": error(code),
    }]})
}

/// What was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    pub timeout_ms: u64,
    pub transaction: String,
    pub finger: String,
    pub environment: String,
    pub requested_score: Value,
    pub previous: String,
}

fn number(value: &Value, numbers: Numbers) -> Option<u64> {
    match (value, numbers) {
        (Value::Number(number), Numbers::Any | Numbers::Numbers) => number.as_u64(),
        (Value::String(text), Numbers::Any | Numbers::Texts) => text.parse().ok(),
        _ => None,
    }
}

/// Reads a request as strictly as the strictest service.
///
/// # Errors
/// The error code of the specification.
pub fn asked(options: &Options, body: &Value) -> Result<Asked, u32> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let bio = &body["bio"][0];
    let environment = text(&body["env"]).unwrap_or_default();
    if environment != options.environment {
        return Err(115);
    }
    if body["purpose"] != "Registration" || body["specVersion"] != SPEC_VERSION {
        return Err(709);
    }
    if bio["type"] != "Finger" {
        return Err(114);
    }
    if bio["deviceId"] != DEVICE_ID {
        return Err(705);
    }
    let whole = |value: &Value| number(value, options.numbers).ok_or(710_u32);
    if whole(&bio["count"])? != 1 {
        return Err(109);
    }
    let sub_id = whole(&bio["deviceSubId"])?;
    if options.slap && !(1..=3).contains(&sub_id) {
        return Err(112);
    }
    let fingers = bio["bioSubType"].as_array().filter(|list| list.len() == 1);
    let finger = fingers.and_then(|list| text(&list[0])).ok_or(119_u32)?;
    let transaction = text(&body["transactionId"]).unwrap_or_default();
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    if !(4..=50).contains(&transaction.len()) || !transaction.bytes().all(allowed) {
        return Err(112);
    }
    Ok(Asked {
        timeout_ms: whole(&body["timeout"])?,
        transaction,
        finger,
        environment,
        requested_score: bio["requestedScore"].clone(),
        previous: text(&bio["previousHash"]).unwrap_or_default(),
    })
}

/// Names of fingers, from 1 on: ISO/IEC 19794.
const FINGERS: [&str; 10] = [
    "Right Thumb",
    "Right IndexFinger",
    "Right MiddleFinger",
    "Right RingFinger",
    "Right LittleFinger",
    "Left Thumb",
    "Left IndexFinger",
    "Left MiddleFinger",
    "Left RingFinger",
    "Left LittleFinger",
];

/// The position of a finger's name, 0 for none.
pub fn position(finger: &str) -> u8 {
    let at = FINGERS.iter().position(|name| *name == finger);
    at.and_then(|at| u8::try_from(at + 1).ok()).unwrap_or(0)
}

fn another(finger: &str) -> &'static str {
    FINGERS
        .into_iter()
        .find(|name| *name != finger)
        .unwrap_or_default()
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest(&SHA256, bytes).as_ref().to_vec()
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<_> = text.chars().filter_map(|c| c.to_digit(16)).collect();
    let byte = |pair: &[u32]| u8::try_from(pair[0] << 4 | pair[1]).unwrap_or(0);
    digits.as_chunks::<2>().0.iter().map(|p| byte(p)).collect()
}

/// HEX(SHA256(previous ‖ SHA256(record))); nothing before counts as SHA256 of nothing.
fn hash(previous: &str, record: &[u8]) -> String {
    let mut link = match previous {
        "" => sha256(&[]),
        text => unhex(text),
    };
    link.extend(sha256(record));
    let link = sha256(&link);
    link.iter().map(|byte| format!("{byte:02X}")).collect()
}

/// `RCAPTURE` with a print.
pub fn print(
    options: &Options,
    signers: &Signers,
    asked: &Asked,
    record: &[u8],
    mischief: Option<Mischief>,
) -> Result<Value, KeysError> {
    let serial = match mischief {
        Some(Mischief::OtherDevice) => "SIMULATED-OTHER",
        _ => options.serial.as_str(),
    };
    let digital_id = digital_id(options, serial);
    let described = match mischief {
        Some(Mischief::UnsignedDevice) => part(digital_id.to_string()),
        Some(Mischief::StrangeDevice) => signers.described(&digital_id, true)?,
        _ => signers.described(&digital_id, false)?,
    };
    let score = match options.numbers {
        Numbers::Texts => json!("83.5"),
        _ => json!(83),
    };
    let mut payload = json!({
        "digitalId": described,
        "deviceCode": DEVICE_CODE,
        "deviceServiceVersion": SERVICE_VERSION,
        "bioType": "Finger",
        "bioSubType": asked.finger,
        "purpose": "Registration",
        "env": asked.environment,
        "bioValue": part(record),
        "transactionId": asked.transaction,
        "timestamp": moment(0),
        "requestedScore": asked.requested_score,
        "qualityScore": score,
    });
    let mut spec_version = SPEC_VERSION;
    let mut hashed = hash(&asked.previous, record);
    match mischief {
        Some(Mischief::ReplayedTransaction) => {
            payload["transactionId"] = "replayed-transaction".into();
        }
        Some(Mischief::SwappedFinger) => payload["bioSubType"] = another(&asked.finger).into(),
        Some(Mischief::UnnamedFinger) => payload["bioSubType"] = Value::Null,
        Some(Mischief::Face) => payload["bioType"] = "Face".into(),
        Some(Mischief::StaleTime) => payload["timestamp"] = moment(-24).into(),
        Some(Mischief::FutureTime) => payload["timestamp"] = moment(24).into(),
        Some(Mischief::TimeWithoutZone) => {
            payload["timestamp"] = moment(0).trim_end_matches('Z').into();
        }
        Some(Mischief::OtherPurpose) => payload["purpose"] = "Auth".into(),
        Some(Mischief::OtherEnvironment) => payload["env"] = "Developer".into(),
        Some(Mischief::OtherDeviceCode) => payload["deviceCode"] = "another".into(),
        Some(Mischief::OtherSpecVersion) => spec_version = "0.9.2",
        Some(Mischief::BrokenChain) => hashed = hash(&"AB".repeat(32), record),
        Some(Mischief::NoHash) => hashed = String::new(),
        _ => {}
    }
    let answer = json!({
        "specVersion": spec_version,
        "data": signers.answered(&payload, mischief)?,
        "hash": hashed,
        "error": error(0),
    });
    Ok(match mischief {
        Some(Mischief::TwoAnswers) => json!({"biometrics": [answer.clone(), answer]}),
        Some(Mischief::NoAnswers) => json!({"biometrics": []}),
        _ => json!({"biometrics": [answer]}),
    })
}

/// The finger that the record is said to be of.
pub fn record_position(asked: &Asked, mischief: Option<Mischief>) -> u8 {
    match mischief {
        Some(Mischief::RecordOfAnotherFinger) => position(another(&asked.finger)),
        _ => position(&asked.finger),
    }
}
