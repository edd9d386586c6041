//! An edition of the Regulation with every field that there is.

/// An edition with one of each, and its text.
pub(super) fn editions() -> Vec<Vec<u8>> {
    let text = |name: &str, words: &str| {
        format!(
            "{name} = {{ uz-Cyrl = \"{words}\", uz-Latn = \"{words}\", ru = \"{words}\", en = \"{words}\" }}\n"
        )
    };
    let mut edition = format!("id = \"e\"\n{}", text("title", "t"));
    edition += "private_devices = [\"n\"]\n";
    edition += &text("words_introduce", "{rank} {name} {unit}");
    edition += &text("words_explain", "{ground}");
    edition += &text("camera_worn", "t");
    edition += "camera_labels = { uz = \"t\", ru = \"t\", en = \"t\" }\n";
    edition += "[limits]\npending_limit_seconds = 600\nquestion_expires_seconds = 3600\n\
        fingerprint_attempts = 3\nfingerprint_same_finger = 2\nfingerprint_seconds = 90\ncapture_timeout_seconds = 20\nfingerprint_quality = 40\n\
        text_chars = 500\nprobe_retention_days = 1\nutc_offset_minutes = 300\n\
        pause_minutes = 60\ncamera_off_minutes = 15\ncamera_battery_percent = 60\n\
        camera_carried_hours = 12\ndock_minutes = 3\nother_means_days = 3\n\
        report_chars = 4000\nincident_before_minutes = 30\ncondition_photos = 8\n\
        incident_photos = 12\nphoto_side = 1920\nphoto_quality = 85\ntablet_silent_minutes = 15\n[limits.readiness]\nno_camera = \"attention\"\ncamera_fault = \"attention\"\n";
    for check in [
        "battery_percent",
        "storage_mib",
        "clock_seconds",
        "certificate_days",
        "lease_minutes",
        "queue_events",
    ] {
        edition += &format!("{check} = {{ attention = 1, not_ready = 1 }}\n");
    }
    edition += &format!(
        "[[grounds]]\nid = \"g\"\n{}{}",
        text("title", "t"),
        text("detail", "d")
    );
    edition += &format!(
        "[[no_fingerprint_reasons]]\nid = \"r\"\n{}review = true\nneeds = \"note\"\nproposed = \"no_finger_left\"\n",
        text("title", "t")
    );
    edition += &format!(
        "[[station_cases]]\nid = \"c\"\n{}{}fits = \"resisted\"\n",
        text("title", "t"),
        text("detail", "d")
    );
    edition += "[receipt]\n";
    for line in [
        "title",
        "officer",
        "unit",
        "place",
        "time",
        "ground",
        "number",
        "complaint",
        "complain",
    ] {
        edition += &text(line, "t");
    }
    for list in [
        "pause_reasons",
        "camera_faults",
        "recording_devices",
        "incident_kinds",
        "offence_classes",
    ] {
        edition += &format!("[[{list}]]\nid = \"n\"\n{}", text("title", "t"));
    }
    for (id, percent) in [("full", 60), ("low", 0)] {
        edition += &format!(
            "[[camera_battery]]\nid = \"{id}\"\nfrom_percent = {percent}\n{}",
            text("title", "t")
        );
    }
    edition += &format!(
        "[[say]]\nid = \"s\"\nparagraph = 1\nstep = \"ground\"\n{}[[say]]\nid = \"c\"\n{}",
        text("text", "t"),
        text("text", "{unit}")
    );
    edition += &format!("[[reminders]]\nstep = \"ground\"\n{}", text("text", "t"));
    regulation::Edition::parse(&edition).expect("a whole edition");
    let law = format!(
        "edition = \"e\"\n[[chapters]]\nnumber = 1\nfrom = 1\n{}[[paragraphs]]\nnumber = 1\n{}",
        text("title", "t"),
        text("text", "t")
    );
    regulation::law::Law::parse(&law).expect("a whole text");
    vec![edition.into_bytes(), law.into_bytes()]
}
