//! The two signals as samples: made here, so that no file of sound is shipped.
//!
//! Their rhythm is that of alarms of high and of low priority in IEC 60601-1-8 (2006, table 3: five pulses
//! in the pattern 3 + 2, and two), which can be told apart and placed also in a noisy room; each pulse is a
//! fundamental with three harmonics.

use super::Signal;
use std::f32::consts::TAU;

/// A pulse, and the silence after it, seconds.
type Beat = (f32, f32);
const ALARM: [Beat; 5] = [
    (0.12, 0.1),
    (0.12, 0.1),
    (0.12, 0.3),
    (0.12, 0.1),
    (0.12, 0.3),
];
const NOTICE: [Beat; 2] = [(0.18, 0.18), (0.18, 0.3)];
const ALARM_HZ: f32 = 784.0;
const NOTICE_HZ: f32 = 523.25;
/// A pulse grows and fades for so long, seconds: an edge would click.
const EDGE: f32 = 0.02;
/// Strength of the fundamental and its harmonics; together below full scale.
const HARMONICS: [f32; 4] = [0.4, 0.2, 0.13, 0.1];

/// The signal at `rate` samples a second, each from -1 to 1, one channel. Begins and ends in silence.
pub(super) fn samples(signal: Signal, rate: u32) -> Vec<f32> {
    let (beats, hz): (&[Beat], f32) = match signal {
        Signal::Alarm => (&ALARM, ALARM_HZ),
        Signal::Notice => (&NOTICE, NOTICE_HZ),
    };
    let rate = rate as f32;
    let mut samples = Vec::new();
    for (pulse, silence) in beats {
        let count = (pulse * rate) as usize;
        samples.extend((0..count).map(|n| {
            let at = n as f32 / rate;
            let edge = (at / EDGE).min((pulse - at) / EDGE).clamp(0.0, 1.0);
            edge * tone(hz * at)
        }));
        samples.resize(samples.len() + (silence * rate) as usize, 0.0);
    }
    samples
}

/// The tone after so many turns of its fundamental.
fn tone(turns: f32) -> f32 {
    let harmonics = HARMONICS.iter().zip(1_u8..);
    harmonics
        .map(|(strength, n)| strength * (TAU * turns * f32::from(n)).sin())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_is_within_full_scale_and_falls_silent() {
        for signal in [Signal::Notice, Signal::Alarm] {
            for rate in [8_000, 44_100, 192_000] {
                let samples = samples(signal, rate);
                assert!(samples.iter().all(|s| s.abs() <= 1.0));
                assert!(samples.iter().any(|s| s.abs() > 0.3), "can be heard");
                assert_eq!(samples.last(), Some(&0.0));
                assert!(samples.len() < 3 * rate as usize, "less than three seconds");
            }
        }
    }

    #[test]
    fn the_signals_are_told_apart_by_their_pulses() {
        let pulses = |signal| {
            let samples = samples(signal, 8_000);
            // A pulse begins after a tenth of a second, nearly, of silence.
            let loud: Vec<_> = (0..samples.len())
                .filter(|n| samples[*n].abs() > 0.05)
                .collect();
            1 + loud
                .windows(2)
                .filter(|pair| pair[1] - pair[0] > 640)
                .count()
        };
        assert_eq!((pulses(Signal::Alarm), pulses(Signal::Notice)), (5, 2));
    }
}
