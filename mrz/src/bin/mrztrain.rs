//! Trains the classifier and writes its weights: `mrztrain mrz/assets/weights.bin [SAMPLES [EPOCHS]]`.

use std::io::Write as _;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("mrztrain FILE [SAMPLES [EPOCHS]]")?;
    let number = |text: Option<String>| text.map(|text| text.parse::<u32>()).transpose();
    let count = number(arguments.next())?.unwrap_or(300_000);
    let epochs = number(arguments.next())?.unwrap_or(12);
    let begun = std::time::Instant::now();
    let mut out = std::io::stdout();
    let weights = mrz::synth::train::train(count as usize, epochs, |epoch, trained, held| {
        let seconds = begun.elapsed().as_secs();
        let (trained, held) = (trained * 100.0, held * 100.0);
        let _ = writeln!(
            out,
            "{seconds:>4} s  epoch {epoch:>2}  trained on {trained:.2} %  others {held:.2} %"
        );
    });
    std::fs::write(path, weights)?;
    Ok(())
}
