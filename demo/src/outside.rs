//! The world outside the tablet, moved by lines of text: what a person, the weather and a cable do.

use crate::cable::Cable;
use crate::emulator::{CameraPanel, Document, Glass, Head, Scene, Skin};
use crate::people;
use crate::scanning::Scanning;
use std::io::{BufRead, Write};

/// A line is longer than any order that there is.
const LINE: usize = 200;

/// What can be said of the world outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    /// A finger, by its person's number, in a state of its skin.
    Finger(u64, Skin),
    Lift,
    Plugged(bool),
    Busy(bool),
    Silent(bool),
    Network(bool),
    /// A face before the camera, by its person's number.
    Face(u64),
    Document,
    Street,
}

/// A line is no order.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "not understood; there are: finger N|stranger [ordinary|dry|wet|partial|two|moving], lift, \
     scanner plugged|unplugged|busy|free|silent|answers, network on|off, camera face N|document|street"
)]
pub struct NotUnderstood;

fn order(line: &str) -> Result<Order, NotUnderstood> {
    let person = |word: &str| match word {
        "stranger" => Ok(people::STRANGERS),
        n => n.parse().map_err(|_| NotUnderstood),
    };
    let skin = |word: &str| match word {
        "ordinary" => Ok(Skin::Ordinary),
        "dry" => Ok(Skin::Dry),
        "wet" => Ok(Skin::Wet),
        "partial" => Ok(Skin::Partial),
        "two" => Ok(Skin::Two),
        "moving" => Ok(Skin::Moving),
        _ => Err(NotUnderstood),
    };
    let words: Vec<_> = line.split_whitespace().take(4).collect();
    match words.as_slice() {
        ["finger", who] => Ok(Order::Finger(person(who)?, Skin::Ordinary)),
        ["finger", who, how] => Ok(Order::Finger(person(who)?, skin(how)?)),
        ["lift"] => Ok(Order::Lift),
        ["scanner", "plugged"] => Ok(Order::Plugged(true)),
        ["scanner", "unplugged"] => Ok(Order::Plugged(false)),
        ["scanner", "busy"] => Ok(Order::Busy(true)),
        ["scanner", "free"] => Ok(Order::Busy(false)),
        ["scanner", "silent"] => Ok(Order::Silent(true)),
        ["scanner", "answers"] => Ok(Order::Silent(false)),
        ["network", "on"] => Ok(Order::Network(true)),
        ["network", "off"] => Ok(Order::Network(false)),
        ["camera", "face", who] => Ok(Order::Face(person(who)?)),
        ["camera", "document"] => Ok(Order::Document),
        ["camera", "street"] => Ok(Order::Street),
        _ => Err(NotUnderstood),
    }
}

/// Devices, network and camera, and how often the glass was touched.
#[derive(Debug)]
pub struct Outside {
    pub scanning: Scanning,
    pub camera: CameraPanel,
    pub cable: Cable,
    pub touches: u64,
}

impl Outside {
    /// Obeys each line of `orders` and answers it on `answers`, "ok" or what is wrong, until there are
    /// no more. Growing a finger or a head takes some tenths of a second: not on the screen's thread.
    ///
    /// # Errors
    /// Neither can be read or written any more.
    pub fn obey(&mut self, orders: impl BufRead, mut answers: impl Write) -> std::io::Result<()> {
        for line in orders.lines() {
            let line = line?;
            let line = line.get(..LINE).unwrap_or(&line);
            match order(line) {
                Ok(order) => {
                    self.carry_out(order);
                    writeln!(answers, "ok")?;
                }
                Err(error) => writeln!(answers, "{error}")?,
            }
            answers.flush()?;
        }
        Ok(())
    }

    fn carry_out(&mut self, order: Order) {
        match order {
            Order::Finger(finger, skin) => {
                self.touches += 1;
                self.scanning.place(Glass {
                    finger,
                    skin,
                    touch: self.touches,
                });
            }
            Order::Lift => self.scanning.lift(),
            Order::Plugged(plugged) => self.scanning.set_plugged(plugged),
            Order::Busy(busy) => self.scanning.set_busy(busy),
            Order::Silent(silent) => self.scanning.set_silent(silent),
            Order::Network(true) => self.cable.plug_in(),
            Order::Network(false) => self.cable.pull(),
            Order::Face(who) => self
                .camera
                .look_at(Scene::Person(Head::new(people::head(who)))),
            Order::Document => self.camera.look_at(Scene::Document(Document::specimen())),
            Order::Street => self.camera.look_at(Scene::Street),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_order_has_one_way_to_be_said() {
        assert_eq!(order("finger 1"), Ok(Order::Finger(1, Skin::Ordinary)));
        assert_eq!(
            order("finger stranger dry"),
            Ok(Order::Finger(people::STRANGERS, Skin::Dry))
        );
        assert_eq!(order(" network  off "), Ok(Order::Network(false)));
        for line in [
            "",
            "finger",
            "finger x",
            "finger 1 odd",
            "network",
            "lift up",
        ] {
            assert_eq!(order(line), Err(NotUnderstood), "{line}");
        }
    }
}
