//! Training (R-3b): the situation that is played, and what the Regulation asked of it, over the pages of the
//! same application. A tablet on duty never shows it: nobody fills it in there.

/// What stands above every page of a training.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrainingView {
    /// What the person says and does now; empty: nothing.
    pub cue: String,
    /// Over the page; `None`: the page is played on.
    pub sheet: Option<TrainingSheet>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrainingSheet {
    Course(TrainingCourse),
    Situation(TrainingSituation),
    Feedback(TrainingFeedback),
}

/// The situations, and how each went: the trainee's way through them, and the instructor's page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrainingCourse {
    /// By their login.
    pub trainee: String,
    /// Name of the file that holds the result; empty: nothing is in it yet.
    pub file: String,
    /// It could not be written.
    pub unwritten: bool,
    pub rows: Vec<TrainingRow>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrainingRow {
    pub title: String,
    /// How the last try went; `None`: there was none.
    pub tried: Option<TrainingTry>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrainingTry {
    /// Of what was asked, how much was met.
    pub met: usize,
    pub asked: usize,
    /// Paragraphs of what was not met, in the order of the situation, none twice.
    pub missed: Vec<u8>,
    /// From the first event to the close.
    pub seconds: u64,
    /// Tries so far, this one included.
    pub tries: usize,
}

/// What the officer sees and hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrainingSituation {
    /// From 0.
    pub number: usize,
    pub title: String,
    pub text: String,
    /// It is under way.
    pub running: bool,
}

/// After the close: what the Regulation asked, and whether it was met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrainingFeedback {
    /// From 0.
    pub number: usize,
    pub title: String,
    /// `None`: central does not have the whole record yet.
    pub lines: Option<Vec<TrainingLine>>,
    /// The next situation that was not tried yet.
    pub next: Option<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrainingLine {
    pub met: bool,
    pub paragraph: u8,
    pub text: String,
}
