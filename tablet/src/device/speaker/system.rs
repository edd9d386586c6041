//! The system's default output: ALSA on Linux, AAudio on Android.

use super::tones::samples;
use super::{Signal, Speaker};
use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use cpal::{FromSample, SampleFormat, SizedSample, StreamConfig};
use std::io;
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

/// What a signal may take beyond its own length before the device is given up.
const PATIENCE: Duration = Duration::from_secs(3);

/// A thread that sounds what it is told. The device is open only while it does: another one may be plugged
/// in between.
#[derive(Debug)]
pub struct SystemSpeaker {
    signals: Sender<Signal>,
}

impl SystemSpeaker {
    /// # Errors
    /// The operating system gives no thread.
    pub fn new() -> io::Result<Self> {
        let (signals, told) = channel::<Signal>();
        std::thread::Builder::new()
            .name("speaker".into())
            .spawn(move || {
                while let Ok(signal) = told.recv() {
                    if let Err(error) = play(signal) {
                        tracing::warn!(kind = ?error.kind(), "no sound");
                    }
                    // Of what came meanwhile only what is graver is still to be heard.
                    if let Some(next) = told.try_iter().max().filter(|next| *next > signal)
                        && let Err(error) = play(next)
                    {
                        tracing::warn!(kind = ?error.kind(), "no sound");
                    }
                }
            })?;
        Ok(Self { signals })
    }
}

impl Speaker for SystemSpeaker {
    fn sound(&self, signal: Signal) {
        // The thread ends with its sender alone.
        let _ = self.signals.send(signal);
    }
}

fn play(signal: Signal) -> Result<(), cpal::Error> {
    let device = cpal::default_host()
        .default_output_device()
        .ok_or(cpal::ErrorKind::DeviceNotAvailable)?;
    let config = device.default_output_config()?;
    let format = config.sample_format();
    let config = StreamConfig::from(config);
    match format {
        SampleFormat::I16 => run::<i16>(&device, config, signal),
        SampleFormat::U16 => run::<u16>(&device, config, signal),
        SampleFormat::I32 => run::<i32>(&device, config, signal),
        SampleFormat::U8 => run::<u8>(&device, config, signal),
        SampleFormat::F32 => run::<f32>(&device, config, signal),
        _ => Err(cpal::ErrorKind::UnsupportedConfig.into()),
    }
}

fn run<T: SizedSample + FromSample<f32>>(
    device: &cpal::Device,
    config: StreamConfig,
    signal: Signal,
) -> Result<(), cpal::Error> {
    let channels = usize::from(config.channels.max(1));
    let mut samples = samples(signal, config.sample_rate).into_iter();
    let (finished, wait) = channel();
    let length = Duration::from_secs_f64(samples.len() as f64 / f64::from(config.sample_rate));
    let stream = device.build_output_stream(
        config,
        move |output: &mut [T], _: &cpal::OutputCallbackInfo| {
            for frame in output.chunks_mut(channels) {
                let sample = samples.next();
                if sample.is_none() {
                    // Nobody waits any more: what is written now is silence.
                    let _ = finished.send(());
                }
                frame.fill(T::from_sample(sample.unwrap_or(0.0)));
            }
        },
        |error| tracing::warn!(kind = ?error.kind(), "the speaker"),
        None,
    )?;
    stream.play()?;
    // Not in time: the device is stuck, and the next signal tries it again.
    let _ = wait.recv_timeout(length + PATIENCE);
    Ok(())
}
