//! A report as tables (RFC 4180) for a spreadsheet.

use protocol::report::OUTCOME_KINDS;
use protocol::{Counts, Figures, UnitReport};
use regulation::Edition;

/// The officers, one a row, and the totals as the last, whose `officer` is empty. The columns are
/// the same for every report of an edition; kinds of flags stand in one cell.
pub(crate) fn officers_csv(edition: &Edition, report: &UnitReport) -> String {
    let mut table = Table::default();
    let mut header: Vec<String> = ["officer", "name", "rank", "encounters"]
        .map(Into::into)
        .into();
    header.extend(edition.grounds.iter().map(|g| format!("ground_{}", g.id)));
    header.extend(OUTCOME_KINDS.map(|kind| format!("outcome_{kind}")));
    header.extend(
        [
            "without_outcome",
            "not_closed",
            "flagged",
            "flags",
            "asked",
            "answered",
            "revealed",
            "median_minutes",
            "longest_minutes",
            "shifts",
            "duty_minutes",
            "pauses",
            "overruns",
            "faults",
            "gaps",
            "means_open",
            "means_overdue",
            "not_recorded",
            "recorded_off",
            "not_compared_minutes",
        ]
        .map(Into::into),
    );
    table.row(header);
    for row in &report.officers {
        let who = [row.officer.to_string(), row.name.clone(), row.rank.clone()];
        table.row(cells(edition, who, &row.figures));
    }
    let all = [String::new(), report.unit.clone(), String::new()];
    table.row(cells(edition, all, &report.totals));
    table.0
}

fn cells(edition: &Edition, who: [String; 3], figures: &Figures) -> Vec<String> {
    let mut cells = Vec::from(who);
    let count = |counts: &Counts, id: &str| counts.get(id).copied().unwrap_or(0).to_string();
    let minutes = |minutes: Option<u32>| minutes.map_or(String::new(), |m| m.to_string());
    cells.push(figures.encounters.to_string());
    cells.extend(
        edition
            .grounds
            .iter()
            .map(|g| count(&figures.by_ground, &g.id)),
    );
    cells.extend(OUTCOME_KINDS.map(|kind| count(&figures.by_outcome, kind)));
    let flags: Vec<_> = figures
        .flags
        .iter()
        .map(|(kind, n)| format!("{kind} {n}"))
        .collect();
    let duty = &figures.duty;
    cells.extend([
        figures.without_outcome.to_string(),
        figures.not_closed.to_string(),
        figures.flagged.to_string(),
        flags.join(", "),
        figures.asked.to_string(),
        figures.answered.to_string(),
        figures.revealed.to_string(),
        minutes(figures.median_minutes),
        minutes(figures.longest_minutes),
        duty.shifts.to_string(),
        duty.minutes.to_string(),
        duty.pauses.to_string(),
        duty.overruns.to_string(),
        duty.faults.to_string(),
        duty.gaps.to_string(),
        duty.means_open.to_string(),
        duty.means_overdue.to_string(),
        duty.not_recorded.to_string(),
        duty.recorded_off.to_string(),
        duty.not_compared_minutes.to_string(),
    ]);
    cells
}

/// Who was checked again and again, one a row.
pub(crate) fn people_csv(report: &UnitReport) -> String {
    let mut table = Table::default();
    table.row(
        ["person", "times", "officers", "encounters"]
            .map(Into::into)
            .into(),
    );
    for row in &report.checked_again {
        let encounters: Vec<_> = row.encounters.iter().map(ToString::to_string).collect();
        table.row(vec![
            row.person.to_string(),
            row.times.to_string(),
            row.officers.to_string(),
            encounters.join(" "),
        ]);
    }
    table.0
}

/// Rows of cells, each row with CR and LF at its end.
#[derive(Default)]
struct Table(String);

impl Table {
    fn row(&mut self, cells: Vec<String>) {
        for (column, text) in cells.iter().enumerate() {
            if column > 0 {
                self.0.push(',');
            }
            self.cell(text);
        }
        self.0.push_str("\r\n");
    }

    /// A text that a spreadsheet would run as a formula is made one that it shows.
    fn cell(&mut self, text: &str) {
        let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
        let text = if formula {
            format!("'{text}")
        } else {
            text.to_owned()
        };
        if text.contains([',', '"', '\r', '\n']) {
            self.0.push('"');
            self.0.push_str(&text.replace('"', "\"\""));
            self.0.push('"');
        } else {
            self.0.push_str(&text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn cells_are_quoted_where_they_must_be_and_none_is_a_formula() {
        let mut table = Table::default();
        let cells = [
            ("Namunayev N.", "Namunayev N."),
            ("a,b", "\"a,b\""),
            ("he said \"no\"", "\"he said \"\"no\"\"\""),
            ("two\nlines", "\"two\nlines\""),
            ("", ""),
            ("=1+1", "'=1+1"),
            ("+7", "'+7"),
            ("-7", "'-7"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("=HYPERLINK(\"x\",1)", "\"'=HYPERLINK(\"\"x\"\",1)\""),
            ("\t=1", "'\t=1"),
            ("\r=1", "\"'\r=1\""),
            ("a=b", "a=b"),
        ];
        table.row(cells.map(|(text, _)| text.to_owned()).into());
        assert_eq!(table.0, cells.map(|(_, cell)| cell).join(",") + "\r\n");
    }
}
