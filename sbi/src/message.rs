//! What is asked of a scanner and what it answers, as JSON. Real services differ in numbers and
//! texts: they are read in either form, and written in the form that the device takes ([`Form`]).

use crate::fingers;
use crate::moment;
use regulation::Timestamp;
use regulation::encounter::Finger;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use std::time::Duration;
use zeroize::Zeroizing;

/// The version of the specification that is asked for.
pub const SPEC_VERSION: &str = "0.9.5";
/// Whole captures, for a system that identifies; `Auth` would be encrypted for another server.
pub const PURPOSE: &str = "Registration";
/// Devices or answers of one message that are looked at.
const MAX_ITEMS: usize = 64;
/// Characters of an identifier of a device.
const MAX_ID: usize = 128;

/// How a device takes `timeout`, `count` and `deviceSubId`. The schema has numbers; some services
/// read texts alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Form {
    #[default]
    Numbers,
    Texts,
}

impl Form {
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Numbers => Self::Texts,
            Self::Texts => Self::Numbers,
        }
    }

    fn write(self, number: u64) -> Value {
        match self {
            Self::Numbers => json!(number),
            Self::Texts => json!(number.to_string()),
        }
    }
}

/// A value that some write as a number and some as a text, some alone and some in a list.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct Lenient(Value);

impl Lenient {
    #[must_use]
    pub fn text(&self) -> Option<String> {
        text(&self.0)
    }

    #[must_use]
    pub fn number(&self) -> Option<f64> {
        let number = match &self.0 {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        number.filter(|n| n.is_finite())
    }

    /// A whole number, also as `"2"` or `2.0`.
    #[must_use]
    pub fn whole(&self) -> Option<u32> {
        let number = self.number()?;
        let whole = number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number);
        // Checked: whole, and in the range of the type.
        whole.then_some(number as u32)
    }

    #[must_use]
    pub fn numbers(&self) -> Vec<u32> {
        let each = |value: &Value| Self(value.clone()).whole();
        self.items().iter().filter_map(each).collect()
    }

    #[must_use]
    pub fn texts(&self) -> Vec<String> {
        self.items().iter().filter_map(text).collect()
    }

    fn items(&self) -> &[Value] {
        let items = match &self.0 {
            Value::Array(items) => items.as_slice(),
            alone => std::slice::from_ref(alone),
        };
        &items[..items.len().min(MAX_ITEMS)]
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// What is no answer of SBI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the answer is no message of the Secure Biometric Interface")]
pub struct Unreadable;

/// A device, as the discovery lists it; nobody has signed any of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    pub device_id: String,
    pub status: String,
    pub digital_id: String,
    pub callback: String,
    pub error: Option<u32>,
}

/// One device's own description, signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Info {
    /// JSON Web Signature; without a signature of a device that is not registered.
    pub signed: String,
    pub error: Option<u32>,
}

/// One answer to `RCAPTURE`.
#[derive(Default)]
pub struct Biometric {
    pub spec_version: String,
    pub data: Zeroizing<String>,
    pub hash: String,
    pub error: Option<u32>,
}

impl std::fmt::Debug for Biometric {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Biometric({} characters, error {:?})",
            self.data.len(),
            self.error
        )
    }
}

/// `error`: an object with `errorCode` (or `errorcode`), 0 for none. Texts are in the vendor's
/// language and are not read.
#[derive(Default, Deserialize)]
struct WireError {
    #[serde(default, rename = "errorCode", alias = "errorcode")]
    code: Option<Lenient>,
}

/// A code that is none of a number is still an error.
const NO_CODE: u32 = 0xFFFF;

impl WireError {
    fn code(self) -> Option<u32> {
        let code = self.code?;
        match code.whole() {
            Some(0) => None,
            Some(code) => Some(code),
            None if code.text().is_none_or(|text| text.trim().is_empty()) => None,
            None => Some(NO_CODE),
        }
    }
}

/// A field that is missing or `null`.
fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// Reads the answer to `MOSIPDISC`.
///
/// # Errors
/// [`Unreadable`]; one entry that is none spoils the list.
pub fn read_devices(body: &[u8]) -> Result<Vec<Device>, Unreadable> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Wire {
        #[serde(default)]
        device_id: Lenient,
        #[serde(default, deserialize_with = "or_default")]
        device_status: String,
        #[serde(default, deserialize_with = "or_default")]
        digital_id: String,
        #[serde(default, deserialize_with = "or_default")]
        callback_id: String,
        #[serde(default, deserialize_with = "or_default")]
        error: WireError,
    }
    let wire: Vec<Wire> = serde_json::from_slice(body).map_err(|_| Unreadable)?;
    let devices = wire.into_iter().take(MAX_ITEMS).map(|wire| Device {
        device_id: wire.device_id.text().unwrap_or_default(),
        status: wire.device_status,
        digital_id: wire.digital_id,
        callback: wire.callback_id,
        error: wire.error.code(),
    });
    Ok(devices.collect())
}

/// Reads the answer to `MOSIPDINFO`.
///
/// # Errors
/// [`Unreadable`].
pub fn read_infos(body: &[u8]) -> Result<Vec<Info>, Unreadable> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Wire {
        #[serde(default, deserialize_with = "or_default")]
        device_info: String,
        #[serde(default, deserialize_with = "or_default")]
        error: WireError,
    }
    let wire: Vec<Wire> = serde_json::from_slice(body).map_err(|_| Unreadable)?;
    let infos = wire.into_iter().take(MAX_ITEMS).map(|wire| Info {
        signed: wire.device_info,
        error: wire.error.code(),
    });
    Ok(infos.collect())
}

/// Reads the answer to `RCAPTURE` and to a `STREAM` that is refused. Errors come in four shapes: in
/// each of `biometrics`, beside it, as the object itself, and in a list.
///
/// # Errors
/// [`Unreadable`].
pub fn read_answer(body: &[u8]) -> Result<Vec<Biometric>, Unreadable> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Wire {
        #[serde(default)]
        spec_version: Lenient,
        #[serde(default, deserialize_with = "or_default")]
        data: Zeroizing<String>,
        #[serde(default, deserialize_with = "or_default")]
        hash: String,
        #[serde(default, deserialize_with = "or_default")]
        error: WireError,
    }
    #[derive(Deserialize)]
    struct Envelope {
        #[serde(default)]
        biometrics: Option<Vec<Wire>>,
        #[serde(default)]
        error: Option<WireError>,
        #[serde(flatten)]
        itself: WireError,
    }
    // A list holds errors alone, and is short: which of both it is shows at its first character.
    let listed = body.trim_ascii_start().first() == Some(&b'[');
    let envelopes: Vec<Envelope> = if listed {
        serde_json::from_slice(body).map_err(|_| Unreadable)?
    } else {
        vec![serde_json::from_slice(body).map_err(|_| Unreadable)?]
    };
    let mut answers = Vec::new();
    for envelope in envelopes.into_iter().take(MAX_ITEMS) {
        let known = envelope.biometrics.is_some() || envelope.error.is_some();
        if !known && envelope.itself.code.is_none() {
            return Err(Unreadable);
        }
        let beside = envelope.error.and_then(WireError::code);
        if let Some(error) = beside.or(envelope.itself.code()) {
            answers.push(Biometric {
                error: Some(error),
                ..Biometric::default()
            });
        }
        let each = envelope.biometrics.unwrap_or_default().into_iter();
        answers.extend(each.take(MAX_ITEMS).map(|wire| Biometric {
            spec_version: wire.spec_version.text().unwrap_or_default(),
            data: wire.data,
            hash: wire.hash,
            error: wire.error.code(),
        }));
    }
    Ok(answers)
}

/// Whether an identifier of a device can be sent back to it: requests are ASCII.
#[must_use]
pub fn is_plain(id: &str) -> bool {
    !id.is_empty() && id.len() <= MAX_ID && id.bytes().all(|b| b.is_ascii_graphic() || b == b' ')
}

/// The body of `MOSIPDISC`.
#[must_use]
pub fn discover() -> Vec<u8> {
    br#"{"type":"Finger"}"#.to_vec()
}

/// The body of `STREAM`.
#[must_use]
pub fn stream(form: Form, device_id: &str, sub_id: u32, timeout: Duration) -> Vec<u8> {
    let body = json!({
        "deviceId": device_id,
        "deviceSubId": form.write(u64::from(sub_id)),
        "timeout": form.write(millis(timeout)),
    });
    body.to_string().into_bytes()
}

/// What is asked for by `RCAPTURE`.
#[derive(Clone, Copy, Debug)]
pub struct Capture<'a> {
    pub environment: &'a str,
    pub timeout: Duration,
    pub at: Timestamp,
    pub transaction: &'a str,
    pub finger: Finger,
    /// A slap scanner gives all fingers of the hand that are not excepted.
    pub slap: bool,
    pub requested_score: u8,
    pub device_id: &'a str,
    pub sub_id: u32,
    /// Hexadecimal.
    pub previous_hash: &'a str,
}

/// The body of `RCAPTURE`.
#[must_use]
pub fn capture(form: Form, asked: &Capture<'_>) -> Vec<u8> {
    let exception = if asked.slap {
        fingers::others_of_slap(asked.finger)
    } else {
        Vec::new()
    };
    let body = json!({
        "env": asked.environment,
        "purpose": PURPOSE,
        "specVersion": SPEC_VERSION,
        "timeout": form.write(millis(asked.timeout)),
        "captureTime": moment::written(asked.at),
        "transactionId": asked.transaction,
        "bio": [{
            "type": "Finger",
            "count": form.write(1),
            "bioSubType": [fingers::name(asked.finger)],
            "exception": exception,
            "requestedScore": asked.requested_score,
            "deviceId": asked.device_id,
            "deviceSubId": form.write(u64::from(asked.sub_id)),
            "previousHash": asked.previous_hash,
        }],
        "customOpts": {},
    });
    body.to_string().into_bytes()
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn numbers_are_read_in_every_form() {
        let of = |json: &str| serde_json::from_str::<Lenient>(json).unwrap();
        for json in ["2", "2.0", "\"2\"", "\" 2 \"", "\"2.0\""] {
            assert_eq!(of(json).whole(), Some(2), "{json}");
        }
        for json in ["-1", "2.5", "\"two\"", "null", "{}", "1e99", "\"NaN\""] {
            assert_eq!(of(json).whole(), None, "{json}");
        }
        assert_eq!(of("[1,\"2\",3.0,\"x\"]").numbers(), [1, 2, 3]);
        assert_eq!(of("\"1\"").numbers(), [1]);
        assert_eq!(of("\"0.9.5\"").texts(), ["0.9.5"]);
        assert_eq!(of("61.5").number(), Some(61.5));
        assert_eq!(of("\"61.5\"").number(), Some(61.5));
    }

    #[test]
    fn errors_are_read_in_every_shape() {
        for body in [
            r#"{"biometrics":[{"specVersion":"0.9.5","data":"","hash":"","error":{"errorCode":"101","errorInfo":"x"}}]}"#,
            r#"{"biometrics":[{"data":null,"error":{"errorcode":101}}]}"#,
            r#"{"biometrics":[],"error":{"errorCode":"101"}}"#,
            r#"{"errorCode":"101","errorInfo":"x"}"#,
            r#"[{"error":{"errorCode":101.0}}]"#,
            r#" [ {"errorcode":" 101 "} ]"#,
        ] {
            let answers = read_answer(body.as_bytes()).unwrap();
            let errors: Vec<_> = answers.iter().filter_map(|a| a.error).collect();
            assert_eq!(errors, [101], "{body}");
        }
    }

    #[test]
    fn no_error_is_read_as_none() {
        for error in [
            "null",
            "{}",
            r#"{"errorCode":"0","errorInfo":"Success"}"#,
            r#"{"errorCode":0}"#,
            r#"{"errorCode":""}"#,
            r#"{"errorCode":null}"#,
        ] {
            let body = format!(r#"{{"biometrics":[{{"data":"a.b.c","error":{error}}}]}}"#);
            assert_eq!(
                read_answer(body.as_bytes()).unwrap()[0].error,
                None,
                "{error}"
            );
        }
        // A code that is no number is not "no error".
        let body = br#"{"biometrics":[{"data":"a.b.c","error":{"errorCode":"E7"}}]}"#;
        assert_eq!(read_answer(body).unwrap()[0].error, Some(NO_CODE));
    }

    #[test]
    fn what_is_no_answer_is_refused() {
        for body in [
            "",
            "null",
            "5",
            "{}",
            r#"{"biometrics":5}"#,
            "[{}]",
            "<html>",
        ] {
            assert!(read_answer(body.as_bytes()).is_err(), "{body}");
        }
        assert!(read_devices(b"{}").is_err() && read_infos(b"[5]").is_err());
    }

    #[test]
    fn requests_are_ascii_and_in_the_form_asked_for() {
        let asked = Capture {
            environment: "Staging",
            timeout: Duration::from_secs(10),
            at: Timestamp(1_769_860_800_000),
            transaction: "abcd",
            finger: Finger::RightIndex,
            slap: true,
            requested_score: 60,
            device_id: "1",
            sub_id: 2,
            previous_hash: "00",
        };
        let numbers: Value = serde_json::from_slice(&capture(Form::Numbers, &asked)).unwrap();
        assert_eq!(numbers["timeout"], 10_000);
        assert_eq!(numbers["bio"][0]["count"], 1);
        assert_eq!(numbers["bio"][0]["deviceSubId"], 2);
        assert_eq!(numbers["bio"][0]["exception"].as_array().unwrap().len(), 3);
        let texts = capture(Form::Texts, &asked);
        assert!(texts.is_ascii());
        let texts: Value = serde_json::from_slice(&texts).unwrap();
        assert_eq!(texts["timeout"], "10000");
        assert_eq!(texts["bio"][0]["count"], "1");
        assert_eq!(texts["bio"][0]["deviceSubId"], "2");
        assert!(is_plain("SIM 1") && !is_plain("") && !is_plain("\u{e9}") && !is_plain("a\r\nb"));
    }
}
