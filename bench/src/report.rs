//! What was measured, as a table for people, which is also Markdown.

use std::fmt::Write as _;
use std::path::Path;

use crate::Result;

/// Everything.
#[derive(Debug, Default)]
pub(crate) struct Report {
    top: Vec<String>,
    goals: Vec<Goal>,
    sections: Vec<Section>,
    wrong: Vec<String>,
}

/// One target with what became of it.
#[derive(Debug)]
struct Goal {
    what: String,
    must: String,
    is: String,
    reached: bool,
}

/// What a workload measured.
#[derive(Debug)]
pub(crate) struct Section {
    title: String,
    head: Vec<&'static str>,
    rows: Vec<Vec<String>>,
    notes: Vec<String>,
}

impl Report {
    /// With these lines at its top.
    pub(crate) fn new(top: Vec<String>) -> Self {
        Self { top, ..Self::default() }
    }

    /// A target, what was measured, and whether that reaches it.
    pub(crate) fn goal(&mut self, what: impl Into<String>, must: &str, is: impl Into<String>, reached: bool) {
        self.goals.push(Goal { what: what.into(), must: must.to_owned(), is: is.into(), reached });
    }

    /// What a workload measured; it is shown at once.
    pub(crate) fn section(&mut self, section: Section) {
        show(&section.text());
        self.sections.push(section);
    }

    /// Something that must not be, however fast it was.
    pub(crate) fn wrong(&mut self, what: impl Into<String>) {
        let what = what.into();
        show(&format!("WRONG: {what}\n"));
        self.wrong.push(what);
    }

    /// Whether everything was right.
    pub(crate) fn is_right(&self) -> bool {
        self.wrong.is_empty()
    }

    /// Shows the end of it: the targets.
    pub(crate) fn show_goals(&self) {
        show(&self.goals().text());
    }

    fn goals(&self) -> Section {
        let mut section = Section::new("Targets", &["what", "must", "is", ""]);
        for goal in &self.goals {
            let verdict = if goal.reached { "reached" } else { "missed" };
            section.row([goal.what.clone(), goal.must.clone(), goal.is.clone(), verdict.to_owned()]);
        }
        section
    }

    /// Writes all of it.
    pub(crate) fn write(&self, path: &Path) -> Result<()> {
        let mut text =
            "# What was measured\n\nWritten by `make bench`. Medians of the runs, with the smallest and the \
                        largest figure of a run behind them.\n\n"
                .to_owned();
        for line in &self.top {
            let _ = writeln!(text, "- {line}");
        }
        text.push('\n');
        for wrong in &self.wrong {
            let _ = writeln!(text, "**Wrong:** {wrong}\n");
        }
        text.push_str(&self.goals().text());
        self.sections.iter().for_each(|section| text.push_str(&section.text()));
        std::fs::write(path, text.trim_end().to_owned() + "\n")?;
        Ok(())
    }
}

impl Section {
    /// An empty table.
    pub(crate) fn new(title: impl Into<String>, head: &[&'static str]) -> Self {
        Self { title: title.into(), head: head.to_vec(), rows: Vec::new(), notes: Vec::new() }
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// Adds a sentence below the table.
    pub(crate) fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    /// As Markdown.
    pub(crate) fn text(&self) -> String {
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
            cells.chain([self.head[column].chars().count(), 3]).max().unwrap_or(3)
        };
        let widths: Vec<usize> = (0..self.head.len()).map(width).collect();
        let mut text = format!("## {}\n\n", self.title);
        let head: Vec<String> = self.head.iter().map(|cell| (*cell).to_owned()).collect();
        line(&mut text, &widths, &head);
        line(&mut text, &widths, &widths.iter().map(|width| "-".repeat(*width)).collect::<Vec<_>>());
        self.rows.iter().for_each(|row| line(&mut text, &widths, row));
        text.push('\n');
        for note in &self.notes {
            let _ = writeln!(text, "{note}\n");
        }
        text
    }
}

fn line(text: &mut String, widths: &[usize], cells: &[String]) {
    for (cell, width) in cells.iter().zip(widths) {
        let _ = write!(text, "| {cell:<width$} ");
    }
    text.push_str("|\n");
}

/// Shows a text at once.
#[expect(clippy::print_stdout, reason = "this is what the program is for")]
pub(crate) fn show(text: &str) {
    println!("{text}");
}

/// Tells what is being done, for whoever waits.
#[expect(clippy::print_stderr, reason = "whoever waits wants to know for what; it is no part of the report")]
pub(crate) fn progress(what: &str) {
    eprintln!("... {what}");
}
