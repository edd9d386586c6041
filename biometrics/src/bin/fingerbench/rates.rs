//! Error rates of a set of comparisons.

/// Scores of comparisons, those of one finger and those of two.
#[derive(Debug, Clone, Default)]
pub struct Scores {
    pub genuine: Vec<f32>,
    pub impostor: Vec<f32>,
}

/// The figures of ISO/IEC 19795-1, as fractions.
#[derive(Debug, Clone, Copy)]
pub struct Rates {
    pub eer: f64,
    /// Miss rate at the lowest threshold that lets at most 1/100, 1/1000 and none of the
    /// impostors through.
    pub fnmr_1e2: f64,
    pub fnmr_1e3: f64,
    pub fnmr_0: f64,
    /// Highest score of two different fingers.
    pub highest: f32,
}

impl Scores {
    pub fn add(&mut self, score: f32, same: bool) {
        if same {
            self.genuine.push(score);
        } else {
            self.impostor.push(score);
        }
    }

    pub fn extend(&mut self, other: &Self) {
        self.genuine.extend_from_slice(&other.genuine);
        self.impostor.extend_from_slice(&other.impostor);
    }

    pub fn rates(&self) -> Rates {
        let (mut own, mut other) = (self.genuine.clone(), self.impostor.clone());
        own.sort_by(f32::total_cmp);
        other.sort_by(f32::total_cmp);
        let below = |list: &[f32], bar: f32| list.partition_point(|s| *s < bar);
        let at = |allowed: f64| {
            let passing = (allowed * other.len() as f64) as usize;
            // The highest score that must not pass.
            let bar = other
                .len()
                .checked_sub(passing + 1)
                .map_or(f32::NEG_INFINITY, |i| other[i]);
            part(&own, |s| s <= bar)
        };
        let mut eer = (f64::INFINITY, 1.0);
        for &bar in own.iter().chain(&other) {
            let miss = below(&own, bar) as f64 / own.len().max(1) as f64;
            let pass = (other.len() - below(&other, bar)) as f64 / other.len().max(1) as f64;
            if (miss - pass).abs() < eer.0 {
                eer = ((miss - pass).abs(), (miss + pass) / 2.0);
            }
        }
        Rates {
            eer: eer.1,
            fnmr_1e2: at(0.01),
            fnmr_1e3: at(0.001),
            fnmr_0: at(0.0),
            highest: other.last().copied().unwrap_or(0.0),
        }
    }
}

fn part(list: &[f32], test: impl Fn(f32) -> bool) -> f64 {
    list.iter().filter(|s| test(**s)).count() as f64 / list.len().max(1) as f64
}
