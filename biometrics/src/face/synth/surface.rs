//! What covers a head: skin, eyes, brows, lips, hair, cloth. Colours are linear light.

use super::head::{Hair, Head};
use super::space::{V3, bell, mix, noise, scale, smooth};

/// Of what a part is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Matter {
    Skin,
    Ear,
    Hair,
    /// Hair or cloth that hangs down.
    Fall,
    Body,
}

/// What the light meets at a place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Surface {
    pub colour: V3,
    /// Strength and sharpness of the gloss.
    pub gloss: (f32, f32),
    /// How much of the light from all around reaches it.
    pub open: f32,
}

impl Surface {
    fn dull(colour: V3) -> Self {
        Self {
            colour,
            gloss: (0.0, 1.0),
            open: 1.0,
        }
    }
}

impl Head {
    /// The surface at a place of the head's own space; none where there is nothing, as beyond the
    /// edge of hair.
    pub(super) fn surface(&self, matter: Matter, at: V3) -> Option<Surface> {
        match matter {
            Matter::Skin => Some(self.face(at)),
            Matter::Ear => Some(self.ear(at)),
            Matter::Hair => (self.hairy(at) > 0.0).then(|| self.cover(at)),
            Matter::Fall => Some(self.cover(at)),
            Matter::Body => Some(self.body(at)),
        }
    }

    fn bare_skin(&self, at: V3) -> V3 {
        let [x, y, _] = at;
        let coarse = noise(self.seed, at, 26.0) + 0.5 * noise(self.seed ^ 1, at, 11.0);
        let fine = noise(self.seed ^ 2, at, 2.6) + 0.7 * noise(self.seed ^ 3, at, 1.2);
        let mut red = 0.5 * bell(x.abs() - 40.0, 16.0, y + 30.0, 16.0);
        red += 0.45 * bell(x, 10.0, y - self.nose_y, 9.0);
        red += self.blotch * 2.0 * coarse;
        let shade = 1.0 + self.blotch * (0.8 * coarse + 0.35 * fine);
        let skin = scale(self.skin, shade);
        [
            skin[0] * (1.0 + 0.06 * red),
            skin[1] * (1.0 - 0.12 * red),
            skin[2] * (1.0 - 0.12 * red),
        ]
    }

    fn ear(&self, at: V3) -> Surface {
        let skin = self.bare_skin(at);
        let [x, y, z] = at;
        let inner = bell(z + 84.0, 8.0, y + 8.0, 15.0) * smooth(40.0, 70.0, x.abs());
        Surface {
            colour: [skin[0] * 1.02, skin[1] * 0.90, skin[2] * 0.90],
            gloss: (0.04, 12.0),
            open: 0.9 - 0.55 * inner,
        }
    }

    fn face(&self, at: V3) -> Surface {
        let [x, y, z] = at;
        let front = smooth(-75.0, -45.0, z);
        let mut surface = Surface {
            colour: self.bare_skin(at),
            gloss: (0.10, 18.0),
            open: 1.0,
        };
        // Stubble, beard and moustache grow where hair would be coarse and dark.
        let grain = 0.5 + 0.5 * noise(self.seed ^ 11, [x * 1.6, y * 0.7, z], 1.6);
        let chin = smooth(-48.0, -74.0, y - 0.012 * x * x)
            .max(smooth(-10.0, -45.0, y) * smooth(46.0, 58.0, x.abs()));
        let away = 1.0 - bell(x, self.mouth_half * 0.8, y - self.mouth_y, 7.0);
        let lip = bell(
            x,
            self.mouth_half * 0.72,
            y - self.mouth_y - self.lip_up - 7.0,
            4.2,
        );
        let grown = (self.beard * chin * away).max(self.moustache * smooth(0.35, 0.8, lip));
        let grown = (grown * (0.72 + 0.42 * grain)).clamp(0.0, 0.97) * smooth(-130.0, -95.0, z);
        surface.colour = mix(surface.colour, self.hair_colour, grown * 0.92);
        surface.gloss.0 *= 1.0 - grown;
        if front > 0.0 {
            self.wrinkles(&mut surface, x, y);
            self.lips(&mut surface, x, y);
            self.nostrils(&mut surface, x, y);
            self.brows(&mut surface, x, y);
            self.eye(&mut surface, x, y);
            for (mx, my, size) in &self.moles {
                let mole = smooth(1.0, 0.4, (x - mx).hypot(y - my) / size);
                surface.colour = mix(surface.colour, [0.055, 0.030, 0.020], 0.8 * mole);
            }
        }
        // The skin's own shade under the hair's edge.
        let deep = self.hairy(at);
        let shade = smooth(-9.0, 2.0, deep);
        surface.open *= 1.0 - 0.35 * shade;
        if self.hair != Hair::Scarf {
            surface.colour = mix(
                surface.colour,
                self.hair_colour,
                0.75 * smooth(-3.0, 3.0, deep),
            );
        }
        surface
    }

    fn wrinkles(&self, surface: &mut Surface, x: f32, y: f32) {
        let side = x.abs();
        let eye = side - self.eye_x;
        surface.open *= 1.0 - 0.30 * bell(eye + 5.0, 12.0, y - 8.0, 6.0);
        surface.open *= 1.0 - 0.26 * bell(side - 12.5, 4.0, y - 2.0, 9.0);
        surface.open *= 1.0 - (0.10 + 0.15 * self.age) * bell(eye + 2.0, 11.0, y + 10.0, 3.2);
        surface.open *= 1.0 - 0.42 * bell(x, 15.0, y - self.nose_y + 13.5, 4.0);
        surface.open *= 1.0 - 0.30 * bell(x, 16.0, y - self.mouth_y + self.lip_low + 4.5, 3.4);
        let fold = side - self.wings - 6.0 - 0.30 * (self.nose_y - y).max(0.0);
        surface.open *= 1.0 - (0.08 + 0.34 * self.age) * bell(fold, 1.8, y + 56.0, 11.0);
        let lines =
            bell(0.0, 1.0, (y - 52.0).rem_euclid(9.0) - 4.5, 0.7) * bell(x, 30.0, y - 48.0, 12.0);
        surface.open *= 1.0 - 0.22 * (self.age - 0.35).max(0.0) * lines;
    }

    fn lips(&self, surface: &mut Surface, x: f32, y: f32) {
        let across = x / self.mouth_half;
        if across.abs() >= 1.0 {
            return;
        }
        let line = self.mouth_y + self.mouth_curve * (3.0 * across * across - 1.0);
        let arc = 1.0 - across * across;
        let bow = 1.0 - 0.22 * bell(x, 4.0, 0.0, 1.0);
        let up = line + self.lip_up * arc.powf(0.75) * bow;
        let low = line - self.lip_low * arc.powf(0.65);
        let inside = smooth(up + 0.7, up - 0.9, y) * smooth(low - 1.2, low + 1.4, y);
        let dark = if y > line { 0.86 } else { 1.0 };
        let groove = 0.9 + 0.1 * noise(self.seed ^ 21, [x * 2.2, y * 0.3, 0.0], 2.0);
        surface.colour = mix(
            surface.colour,
            scale(self.lip, dark * groove),
            inside * 0.92,
        );
        surface.gloss.0 += 0.10 * inside;
        let gap = bell(0.0, 1.0, y - line, 0.75) * smooth(1.0, 0.86, across.abs());
        surface.colour = mix(surface.colour, [0.035, 0.012, 0.010], 0.85 * gap);
    }

    fn nostrils(&self, surface: &mut Surface, x: f32, y: f32) {
        let hole = bell(x.abs() - 0.50 * self.wings, 2.9, y - self.nose_y + 9.2, 1.9);
        let hole = smooth(0.42, 0.85, hole);
        surface.colour = mix(surface.colour, [0.020, 0.009, 0.007], 0.92 * hole);
        surface.gloss.0 *= 1.0 - hole;
        surface.open *=
            1.0 - 0.28 * bell(x.abs() - self.wings - 1.5, 2.0, y - self.nose_y + 5.0, 6.0);
    }

    fn brows(&self, surface: &mut Surface, x: f32, y: f32) {
        let side = x.abs();
        let from = self.eye_x - 20.0;
        let t = (side - from) / 42.0;
        if !(-0.1..=1.1).contains(&t) {
            return;
        }
        let line = self.brow_y + self.brow_arch * (1.0 - (2.2 * t - 1.35).powi(2))
            - self.brow_slant * (side - self.eye_x);
        let thick = self.brow_thick * (1.0 - 0.62 * smooth(0.45, 1.0, t));
        let ends = smooth(-0.06, 0.10, t) * smooth(1.04, 0.86, t);
        let strokes = noise(
            self.seed ^ 31,
            [side * 1.1 + y * 0.9, (y - side * 0.45) * 0.25, 0.0],
            1.5,
        );
        let body = smooth(1.15, 0.45, ((y - line) / thick).abs() - 0.16 * strokes) * ends;
        let colour = mix(self.hair_colour, [0.03, 0.02, 0.015], 0.5);
        surface.colour = mix(surface.colour, colour, 0.86 * body);
        surface.gloss.0 *= 1.0 - body;
    }

    fn eye(&self, surface: &mut Surface, x: f32, y: f32) {
        let side = x.abs();
        let out = side - self.eye_x;
        let across = out / self.eye_width;
        let y = y - self.eye_slant * out;
        let arc = (1.0 - across * across).max(0.0);
        let up = self.eye_open * (0.3 + 5.2 * arc.powf(0.62)) - 0.3;
        let low = -(3.9 * self.eye_open.sqrt() * arc.powf(0.8));
        let ends = smooth(1.12, 0.98, across.abs());
        // The crease above the lid, and the lashes at its edge.
        let crease = up + 3.0 + 1.2 * (1.0 - across.abs());
        surface.open *=
            1.0 - 0.42 * bell(0.0, 1.0, y - crease, 0.9) * smooth(1.25, 0.8, across.abs());
        let inside = smooth(up + 0.3, up - 0.5, y)
            * smooth(low - 0.4, low + 0.4, y)
            * smooth(1.0, 0.93, across.abs());
        if inside > 0.0 {
            let far = (out + 0.4).hypot(y - 0.3);
            let mut colour = [0.62, 0.58, 0.55];
            colour = mix(
                colour,
                [0.50, 0.30, 0.27],
                0.55 * smooth(-0.72, -0.98, across),
            );
            let rays =
                1.0 + 0.25 * noise(self.seed ^ 41, [(y - 0.3).atan2(out) * 9.0, 0.0, 0.0], 1.0);
            let iris = scale(self.iris, rays * (0.55 + 0.75 * smooth(5.9, 2.2, far)));
            colour = mix(
                colour,
                mix(iris, [0.01, 0.01, 0.01], smooth(4.8, 5.9, far)),
                smooth(6.2, 5.7, far),
            );
            colour = mix(colour, [0.004, 0.004, 0.004], smooth(2.7, 2.2, far));
            // The lid's shadow on the ball.
            let shade = 1.0 - 0.55 * smooth(up - 3.4, up, y);
            colour = scale(colour, shade);
            // A window in the eye.
            let spark = smooth(
                1.25,
                0.8,
                (x - x.signum() * self.eye_x + 1.6).hypot(y - 2.3),
            );
            colour = mix(colour, [0.95, 0.95, 0.95], 0.9 * spark);
            surface.colour = mix(surface.colour, colour, inside);
            surface.gloss = (0.05, 30.0);
        }
        let lash = smooth(
            1.3,
            0.5,
            (y - up - 0.2).abs() / if self.female { 1.15 } else { 0.85 },
        ) * ends;
        surface.colour = mix(surface.colour, [0.015, 0.011, 0.010], 0.88 * lash);
        let under = bell(0.0, 1.0, y - low + 0.3, 0.6) * ends;
        surface.colour = mix(surface.colour, [0.10, 0.055, 0.045], 0.45 * under);
        let corner = bell(across + 1.0, 0.07, y, 1.2);
        surface.colour = mix(surface.colour, [0.36, 0.15, 0.13], 0.5 * corner);
    }

    fn cover(&self, at: V3) -> Surface {
        let [x, y, z] = at;
        if self.hair == Hair::Scarf {
            let fold = noise(self.seed ^ 51, [x * 0.4, y, z * 0.5], 16.0);
            let weave = noise(self.seed ^ 52, at, 1.3);
            let base = [
                0.10 + 0.30 * (self.clothes[0] * 9.0).fract(),
                0.10 + 0.26 * (self.skin[1] * 31.0).fract(),
                0.14 + 0.30 * (self.skin[2] * 37.0).fract(),
            ];
            let colour = scale(base, 1.0 + 0.16 * fold + 0.05 * weave);
            let edge = smooth(5.0, 0.0, self.hairy(at).abs());
            return Surface {
                open: 0.95 - 0.3 * edge,
                ..Surface::dull(colour)
            };
        }
        // Strands run from the crown down.
        let turn = x.atan2(z + 95.0);
        let strand = noise(self.seed ^ 61, [turn * 42.0, y * 0.035, 0.0], 1.0)
            + 0.6 * noise(self.seed ^ 62, [turn * 110.0, y * 0.06, 0.0], 1.0);
        let tuft = noise(self.seed ^ 63, at, 12.0);
        let colour = scale(
            self.hair_colour,
            (1.15 + 0.42 * strand + 0.22 * tuft).max(0.15),
        );
        Surface {
            colour,
            gloss: (0.055 + 0.04 * strand.max(0.0), 9.0),
            open: 0.85,
        }
    }

    fn body(&self, at: V3) -> Surface {
        let [x, y, z] = at;
        // The collar is lower in front.
        let collar = -150.0 - 22.0 * smooth(60.0, 0.0, x.abs()) * smooth(-110.0, -40.0, z);
        if y > collar {
            let shadow = smooth(-165.0, -112.0, y);
            return Surface {
                open: 1.0 - 0.55 * shadow,
                gloss: (0.05, 14.0),
                colour: scale(self.bare_skin(at), 1.0 - 0.30 * shadow),
            };
        }
        let weave = noise(self.seed ^ 71, at, 1.7) + 0.8 * noise(self.seed ^ 72, at, 24.0);
        let seam = smooth(3.5, 1.0, (y - collar).abs());
        Surface {
            open: 1.0 - 0.4 * seam,
            ..Surface::dull(scale(self.clothes, 1.0 + 0.10 * weave))
        }
    }
}
