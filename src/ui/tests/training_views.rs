//! Example pages of a training, over the application's: every person in it is invented.

use regulation::encounter::Language;
use tablet::pages::{
    TrainingCourse, TrainingFeedback, TrainingLine, TrainingRow, TrainingSheet, TrainingSituation,
    TrainingTry, TrainingView,
};

/// A training over the page of that name.
pub fn trainings(language: Language) -> Vec<(&'static str, &'static str, TrainingView)> {
    let sheet = |sheet| TrainingView {
        cue: String::new(),
        sheet: Some(sheet),
    };
    let course = TrainingCourse {
        trainee: "namunayev".to_owned(),
        file: "namunayev-2026-11-28-0840.json".to_owned(),
        unwritten: false,
        rows: rows(language),
    };
    let fresh = TrainingCourse {
        file: String::new(),
        rows: rows(language)
            .into_iter()
            .map(|row| TrainingRow { tried: None, ..row })
            .collect(),
        ..course.clone()
    };
    let unwritten = TrainingCourse {
        unwritten: true,
        ..course.clone()
    };
    let situation = |running| {
        TrainingSheet::Situation(TrainingSituation {
            number: 2,
            title: title(language).to_owned(),
            text: text(language).repeat(2),
            running,
        })
    };
    let feedback = |lines, next| {
        TrainingSheet::Feedback(TrainingFeedback {
            number: 9,
            title: title(language).to_owned(),
            lines,
            next,
        })
    };
    let lines = |missed: &[usize]| {
        let line = |n| TrainingLine {
            met: !missed.contains(&n),
            paragraph: [12, 8, 6, 5, 9, 28, 1][n % 7],
            text: text(language).to_owned(),
        };
        Some((0..9).map(line).collect::<Vec<_>>())
    };
    vec![
        (
            "training-fresh",
            "home",
            sheet(TrainingSheet::Course(fresh)),
        ),
        (
            "training-course",
            "home",
            sheet(TrainingSheet::Course(course)),
        ),
        (
            "training-unwritten",
            "home",
            sheet(TrainingSheet::Course(unwritten)),
        ),
        ("training-situation", "home", sheet(situation(false))),
        ("training-again", "finger-waiting", sheet(situation(true))),
        ("training-waiting", "home", sheet(feedback(None, Some(3)))),
        (
            "training-missed",
            "home",
            sheet(feedback(lines(&[1, 4]), Some(3))),
        ),
        ("training-met", "home", sheet(feedback(lines(&[]), None))),
        (
            "training-cue",
            "answer-covered",
            TrainingView {
                cue: text(language).chars().take(120).collect(),
                sheet: None,
            },
        ),
    ]
}

fn rows(language: Language) -> Vec<TrainingRow> {
    let tried = |met, missed: &[u8], tries| {
        Some(TrainingTry {
            met,
            asked: 9,
            missed: missed.to_vec(),
            seconds: 134,
            tries,
        })
    };
    let row = |tried| TrainingRow {
        title: title(language).to_owned(),
        tried,
    };
    vec![
        row(tried(9, &[], 1)),
        row(tried(6, &[8, 12, 9], 3)),
        row(None),
        row(tried(9, &[], 2)),
        row(tried(8, &[28], 1)),
        row(None),
        row(None),
        row(None),
        row(None),
        row(None),
    ]
}

fn title(language: Language) -> &'static str {
    match language {
        Language::UzbekCyrillic => "Бармоқ изини беришдан бош тортиш",
        Language::UzbekLatin => "Barmoq izini berishdan bosh tortish",
        Language::Russian => "Отказ дать отпечаток пальца",
        Language::English => "The fingerprint is refused",
    }
}

fn text(language: Language) -> &'static str {
    match language {
        Language::UzbekCyrillic => {
            "Сўралса, хизмат гувоҳномасини тўлиқ танишиб чиққунча кўрсатинг ва буни қайд этинг. Шу ерда турган киши ҳаммасини кўрган. "
        }
        Language::UzbekLatin => {
            "Soʻralsa, xizmat guvohnomasini toʻliq tanishib chiqquncha koʻrsating va buni qayd eting. Shu yerda turgan kishi hammasini koʻrgan. "
        }
        Language::Russian => {
            "Если просят, покажите служебное удостоверение до полного ознакомления и отметьте это. Стоящий рядом человек всё видел. "
        }
        Language::English => {
            "Where it is asked for, show the service ID card until it is read, and record it. A man who stands there saw it all. "
        }
    }
}
