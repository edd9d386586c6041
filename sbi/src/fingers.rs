//! Fingers by the names of SBI (`bioSubType`), and the sensor of a device that takes them.

use regulation::encounter::Finger;

/// The name of SBI.
#[must_use]
pub fn name(finger: Finger) -> &'static str {
    match finger {
        Finger::RightThumb => "Right Thumb",
        Finger::RightIndex => "Right IndexFinger",
        Finger::RightMiddle => "Right MiddleFinger",
        Finger::RightRing => "Right RingFinger",
        Finger::RightLittle => "Right LittleFinger",
        Finger::LeftThumb => "Left Thumb",
        Finger::LeftIndex => "Left IndexFinger",
        Finger::LeftMiddle => "Left MiddleFinger",
        Finger::LeftRing => "Left RingFinger",
        Finger::LeftLittle => "Left LittleFinger",
    }
}

/// Fingers that a slap scanner takes at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Slap {
    Left,
    Right,
    Thumbs,
}

fn slap(finger: Finger) -> Slap {
    match finger {
        Finger::RightThumb | Finger::LeftThumb => Slap::Thumbs,
        Finger::RightIndex | Finger::RightMiddle | Finger::RightRing | Finger::RightLittle => {
            Slap::Right
        }
        Finger::LeftIndex | Finger::LeftMiddle | Finger::LeftRing | Finger::LeftLittle => {
            Slap::Left
        }
    }
}

/// The `deviceSubId` that takes the finger, of those that the device names. One for slaps has
/// 1 (left hand), 2 (right hand) and 3 (thumbs); one for single fingers names one or none, and
/// 0 means "any".
#[must_use]
pub fn sub_id(finger: Finger, named: &[u32]) -> u32 {
    let of_slap = match slap(finger) {
        Slap::Left => 1,
        Slap::Right => 2,
        Slap::Thumbs => 3,
    };
    match named {
        [] => 0,
        [only] => *only,
        several if several.contains(&of_slap) => of_slap,
        _ => 0,
    }
}

/// The other fingers of the slap: a slap scanner gives all of a hand but those excepted.
#[must_use]
pub fn others_of_slap(finger: Finger) -> Vec<&'static str> {
    Finger::ALL
        .into_iter()
        .filter(|other| *other != finger && slap(*other) == slap(finger))
        .map(name)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_finger_has_its_own_name() {
        let mut names: Vec<_> = Finger::ALL.into_iter().map(name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 10);
    }

    #[test]
    fn the_sensor_of_the_hand_is_asked_where_there_are_several() {
        assert_eq!(sub_id(Finger::LeftRing, &[1, 2, 3]), 1);
        assert_eq!(sub_id(Finger::RightIndex, &[1, 2, 3]), 2);
        assert_eq!(sub_id(Finger::LeftThumb, &[1, 2, 3]), 3);
        assert_eq!(sub_id(Finger::RightIndex, &[0]), 0);
        assert_eq!(sub_id(Finger::RightIndex, &[4]), 4);
        assert_eq!(sub_id(Finger::RightIndex, &[]), 0);
        assert_eq!(sub_id(Finger::RightIndex, &[5, 6]), 0);
    }

    #[test]
    fn the_rest_of_the_hand_is_excepted() {
        assert_eq!(
            others_of_slap(Finger::RightIndex),
            [
                "Right MiddleFinger",
                "Right RingFinger",
                "Right LittleFinger"
            ]
        );
        assert_eq!(others_of_slap(Finger::LeftThumb), ["Right Thumb"]);
    }
}
