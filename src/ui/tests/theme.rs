//! Colours: legible in full sun by day, dim and warm by night.

use super::{Screen, views};
use crate::app::AppOptions;
use crate::ui::Theme;
use regulation::encounter::Language;
use slint::{Color, ComponentHandle};

/// Relative luminance, 0 to 1 (WCAG 2.2, "relative luminance").
fn luminance(colour: Color) -> f64 {
    let linear = |channel: u8| {
        let c = f64::from(channel) / 255.0;
        if c <= 0.040_45 {
            c / 12.92
        } else {
            ((c + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * linear(colour.red()) + 0.7152 * linear(colour.green()) + 0.0722 * linear(colour.blue())
}

/// 1 to 21 (WCAG 2.2, "contrast ratio").
fn contrast(one: Color, other: Color) -> f64 {
    let (a, b) = (luminance(one), luminance(other));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

struct Colours {
    /// Each text colour with what it stands on.
    texts: Vec<(&'static str, Color, &'static str, Color)>,
    /// What tells where a control is.
    edges: Vec<(&'static str, Color, &'static str, Color)>,
    grounds: Vec<(&'static str, Color)>,
    inks: Vec<(&'static str, Color)>,
}

fn colours(night: bool) -> Colours {
    let options = AppOptions {
        night,
        ..AppOptions::default()
    };
    let screen = Screen::with(views::one("login", Language::English), options);
    let theme = screen.app.component().global::<Theme>();
    let grounds = vec![
        ("ground", theme.get_ground()),
        ("surface", theme.get_surface()),
        ("chosen", theme.get_chosen()),
        ("good-ground", theme.get_good_ground()),
        ("warn-ground", theme.get_warn_ground()),
        ("danger-ground", theme.get_danger_ground()),
        ("late-ground", theme.get_late_ground()),
    ];
    let inks = vec![
        ("ink", theme.get_ink()),
        ("quiet-ink", theme.get_quiet_ink()),
        ("action", theme.get_action()),
        ("good", theme.get_good()),
        ("warn", theme.get_warn()),
        ("danger", theme.get_danger()),
        ("late", theme.get_late()),
    ];
    let mut texts = Vec::new();
    for (ink, colour) in &inks {
        for (ground, on) in &grounds {
            // A meaning stands on its own ground, and on the plain ones.
            let plain = matches!(*ground, "ground" | "surface");
            let own = ground.strip_suffix("-ground") == Some(*ink)
                || (*ink == "action" && *ground == "chosen");
            if plain || own || ink.ends_with("ink") {
                texts.push((*ink, *colour, *ground, *on));
            }
        }
    }
    texts.extend([
        (
            "on-action",
            theme.get_on_action(),
            "action",
            theme.get_action(),
        ),
        (
            "on-action",
            theme.get_on_action(),
            "action-pressed",
            theme.get_action_pressed(),
        ),
        (
            "on-disabled",
            theme.get_on_disabled(),
            "disabled",
            theme.get_disabled(),
        ),
        (
            "on-training",
            theme.get_on_training(),
            "training",
            theme.get_training(),
        ),
    ]);
    let edges = vec![
        (
            "on-disabled",
            theme.get_on_disabled(),
            "ground",
            theme.get_ground(),
        ),
        (
            "on-disabled",
            theme.get_on_disabled(),
            "surface",
            theme.get_surface(),
        ),
        ("action", theme.get_action(), "surface", theme.get_surface()),
    ];
    Colours {
        texts,
        edges,
        grounds,
        inks,
    }
}

#[test]
fn every_text_has_a_contrast_of_seven_by_day_and_by_night() {
    for night in [false, true] {
        let colours = colours(night);
        assert!(colours.texts.len() > 25);
        for (ink, colour, ground, on) in colours.texts {
            let found = contrast(colour, on);
            assert!(
                found >= 7.0,
                "night {night}: {ink} on {ground}: {found:.2} to 1"
            );
        }
        for (edge, colour, ground, on) in colours.edges {
            let found = contrast(colour, on);
            assert!(
                found >= 3.0,
                "night {night}: {edge} beside {ground}: {found:.2} to 1"
            );
        }
    }
}

/// Nothing white, nothing blue, and grounds that give no light.
#[test]
fn the_night_is_dim_and_warm() {
    let colours = colours(true);
    for (name, ground) in colours.grounds {
        assert!(luminance(ground) < 0.02, "{name}: {}", luminance(ground));
    }
    for (name, ink) in colours.inks {
        assert!(luminance(ink) < 0.8, "{name}: {}", luminance(ink));
        // Violet stands for what came late; everything else is warmer than white.
        if name != "late" && name != "good" {
            assert!(
                ink.red() >= ink.green() && ink.green() >= ink.blue(),
                "{name} is not warm: {ink:?}"
            );
        }
    }
}
