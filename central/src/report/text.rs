//! A report as lines, for the administrator.

use protocol::{Counts, Figures, UnitReport};

/// The totals, then the officers, then who was checked again and again.
pub(crate) fn text(report: &UnitReport) -> Vec<String> {
    let mut lines = vec![format!("unit {}", report.unit)];
    if report.pending > 0 {
        lines.push(format!("{} not looked into yet", report.pending));
    }
    lines.push("all".into());
    figures(&report.totals, &mut lines);
    for row in &report.officers {
        lines.push(format!("{} {} {}", row.officer, row.rank, row.name));
        figures(&row.figures, &mut lines);
    }
    for row in &report.checked_again {
        lines.push(format!(
            "person {}: found in {} encounters of {} officers",
            row.person, row.times, row.officers
        ));
        let encounters = row.encounters.iter().map(|id| format!("  {id}"));
        lines.extend(encounters);
    }
    if report.more {
        lines.push("more officers or people were left out".into());
    }
    lines
}

fn figures(figures: &Figures, lines: &mut Vec<String>) {
    let minutes = match (figures.median_minutes, figures.longest_minutes) {
        (Some(median), Some(longest)) => format!("; median {median} min, longest {longest} min"),
        _ => String::new(),
    };
    lines.push(format!(
        "  encounters {}, without outcome {}, not closed {}{minutes}",
        figures.encounters, figures.without_outcome, figures.not_closed
    ));
    counts("grounds", &figures.by_ground, lines);
    counts("outcomes", &figures.by_outcome, lines);
    lines.push(format!(
        "  asked {}, answered {}, revealed {}",
        figures.asked, figures.answered, figures.revealed
    ));
    lines.push(format!("  flagged {}", figures.flagged));
    counts("flags", &figures.flags, lines);
    let duty = &figures.duty;
    lines.push(format!(
        "  shifts {}, {}:{:02} h, pauses {}, overran {}, faults {}, gaps {}",
        duty.shifts,
        duty.minutes / 60,
        duty.minutes % 60,
        duty.pauses,
        duty.overruns,
        duty.faults,
        duty.gaps
    ));
    lines.push(format!(
        "  recordings: by other means and not done with {}, {} of them too long; missing at the dock {}, \
         beyond the log {}, not compared yet {} min",
        duty.means_open,
        duty.means_overdue,
        duty.not_recorded,
        duty.recorded_off,
        duty.not_compared_minutes
    ));
}

fn counts(what: &str, counts: &Counts, lines: &mut Vec<String>) {
    if !counts.is_empty() {
        let each: Vec<_> = counts.iter().map(|(id, n)| format!("{id} {n}")).collect();
        lines.push(format!("  {what}: {}", each.join(", ")));
    }
}
