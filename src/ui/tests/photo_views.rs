//! Example pages with a photo over them: drawn, nothing that was ever before a lens.

use tablet::device::{CameraFault, Picture};
use tablet::pages::{PhotoOf, PhotoStage, PhotoView, ZoneHint};

/// A photo over the page of that name.
pub fn photos() -> Vec<(&'static str, &'static str, PhotoView)> {
    let view = |of, stage| PhotoView {
        stage,
        of,
        other: true,
        strange: false,
        hint: None,
    };
    let fault = |fault| view(PhotoOf::Condition, PhotoStage::Fault(fault));
    vec![
        (
            "photo-opening",
            "take-over",
            view(PhotoOf::Condition, PhotoStage::Opening),
        ),
        (
            "photo-live",
            "take-over",
            view(PhotoOf::Condition, PhotoStage::Live),
        ),
        (
            "photo-taken",
            "hand-in",
            view(PhotoOf::Condition, PhotoStage::Taken),
        ),
        (
            "photo-of-incident",
            "incident-told",
            view(PhotoOf::Incident, PhotoStage::Live),
        ),
        (
            "code-live",
            "receive",
            PhotoView {
                strange: true,
                ..view(PhotoOf::Code, PhotoStage::Live)
            },
        ),
        (
            "code-none",
            "receive",
            view(PhotoOf::Code, PhotoStage::Fault(CameraFault::NotFitted)),
        ),
        (
            "zone-live",
            "document",
            PhotoView {
                hint: Some(ZoneHint::Blurred),
                ..view(PhotoOf::Zone, PhotoStage::Live)
            },
        ),
        (
            "zone-none",
            "document",
            view(PhotoOf::Zone, PhotoStage::Fault(CameraFault::NotFitted)),
        ),
        ("photo-none", "take-over", fault(CameraFault::NotFitted)),
        ("photo-busy", "take-over", fault(CameraFault::Busy)),
        ("photo-denied", "take-over", fault(CameraFault::Denied)),
        (
            "photo-unplugged",
            "take-over",
            fault(CameraFault::Unplugged),
        ),
        ("photo-silent", "take-over", fault(CameraFault::TimedOut)),
        ("photo-broken", "take-over", fault(CameraFault::BrokenFrame)),
    ]
}

/// What the camera sees: a dark tablet on a table.
pub fn picture() -> Picture {
    let (width, height) = (640_u32, 480_u32);
    let mut pixels = Vec::with_capacity((width * height * 3) as usize);
    for y in 0..height {
        for x in 0..width {
            let inside = (100..540).contains(&x) && (90..390).contains(&y);
            let glass = (120..520).contains(&x) && (110..370).contains(&y);
            pixels.extend(match (inside, glass) {
                (_, true) => [206, 220, 232],
                (true, _) => [24, 26, 30],
                _ => [150, 110, 72],
            });
        }
    }
    Picture::new(width, height, pixels).unwrap()
}
