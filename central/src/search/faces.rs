//! The gallery of faces, and candidates for a person to compare (§12). Never an identity.

use crate::config::Policy;
use crate::people::portrait::{FaceFault, FaceReader, of_bytes, to_bytes};
use crate::store::{FaceRow, Store, StoreError};
use biometrics::face::{self, Embedding, Gallery};
use protocol::{AnswerResult, FacesSearched, FalseMatch, Likeness, Resemblance};
use std::sync::Arc;

/// Faces read from the store at once.
const PAGE: usize = 4096;

/// Searches faces; also keeps the gallery of them.
pub(super) struct Faces {
    reader: Arc<FaceReader>,
    threads: usize,
    candidates: usize,
    strangers: f64,
}

/// The gallery in memory.
pub(super) struct HeldFaces {
    gallery: Gallery,
    /// Every portrait of the store is in it.
    whole: bool,
}

impl HeldFaces {
    pub(super) fn none() -> Self {
        Self {
            gallery: Gallery::new(),
            whole: false,
        }
    }

    pub(super) fn size(&self) -> FacesSearched {
        FacesSearched {
            faces: self.gallery.len() as u64,
        }
    }
}

/// Why nothing was searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unsearched {
    NotOffered,
    Unusable,
    Incomplete,
}

impl From<Unsearched> for AnswerResult {
    fn from(why: Unsearched) -> Self {
        match why {
            Unsearched::NotOffered => Self::NotOffered,
            Unsearched::Unusable => Self::Unusable,
            Unsearched::Incomplete => Self::Incomplete,
        }
    }
}

impl Faces {
    pub(super) fn new(reader: Arc<FaceReader>, policy: &Policy) -> Self {
        Self {
            reader,
            threads: policy.search_threads,
            candidates: policy.face_candidates,
            strangers: policy.face_strangers,
        }
    }

    /// All faces of the store. Those that came while central had no model are made comparable now.
    pub(super) fn load(&self, store: &dyn Store) -> Result<HeldFaces, StoreError> {
        let gallery = Gallery::new().with_threads(self.threads);
        if !self.reader.can_compare() {
            return Ok(HeldFaces::none());
        }
        let (mut after, mut damaged) = (0, 0_u64);
        loop {
            let page = store.faces_after(after, PAGE)?;
            let Some(last) = page.last() else { break };
            after = last.person;
            let mut faces = Vec::with_capacity(page.len());
            let mut made = Vec::new();
            for row in &page {
                let Some((embedding, is_new)) = self.embedding(row) else {
                    damaged += 1;
                    continue;
                };
                if is_new {
                    made.push((row.person, to_bytes(&embedding)));
                }
                faces.push((row.person, embedding));
            }
            if !made.is_empty() {
                store.keep_embeddings(&made)?;
            }
            gallery.add_all(&faces);
        }
        if damaged > 0 {
            tracing::error!(
                damaged,
                "portraits cannot be compared; the gallery is not whole"
            );
        }
        Ok(HeldFaces {
            whole: damaged == 0,
            gallery,
        })
    }

    /// The face of a row, and whether it was made now.
    fn embedding(&self, row: &FaceRow) -> Option<(Embedding, bool)> {
        match (&row.embedding, &row.jpeg) {
            (Some(bytes), _) => of_bytes(bytes).map(|face| (face, false)),
            (None, Some(jpeg)) => {
                let face = self.reader.face(jpeg).ok().flatten();
                face.map(|face| (face, true))
            }
            (None, None) => None,
        }
    }

    /// What the probe's face is made of.
    pub(super) fn probe(&self, jpeg: &[u8]) -> Result<Embedding, Unsearched> {
        if !self.reader.can_compare() {
            return Err(Unsearched::NotOffered);
        }
        match self.reader.face(jpeg) {
            Ok(Some(face)) => Ok(face),
            Ok(None) => Err(Unsearched::NotOffered),
            Err(FaceFault::Picture | FaceFault::NoFace | FaceFault::Several) => {
                Err(Unsearched::Unusable)
            }
            Err(FaceFault::Model) => Err(Unsearched::Incomplete),
        }
    }

    /// The faces most like the probe's that are worth a look, best first.
    pub(super) fn search(
        &self,
        held: &HeldFaces,
        probe: &Embedding,
    ) -> Option<(Vec<face::Candidate>, FacesSearched)> {
        let least = face::FalseMatch::score_for(self.strangers, held.size().faces);
        let found = held.gallery.search(probe, self.candidates, least);
        held.whole.then(|| (found, held.size()))
    }
}

/// With the records of the people; `None`: one of them is not there any more.
pub(super) fn answer(
    store: &dyn Store,
    found: &[face::Candidate],
    gallery: FacesSearched,
) -> Result<Option<AnswerResult>, StoreError> {
    if found.is_empty() {
        return Ok(Some(AnswerResult::NobodyAlike { gallery }));
    }
    let mut candidates = Vec::with_capacity(found.len());
    for candidate in found {
        let Some(person) = store.person(candidate.id)? else {
            return Ok(None);
        };
        candidates.push(Resemblance {
            person,
            false_match: said(&candidate.meaning),
        });
    }
    Ok(Some(AnswerResult::Resembling {
        candidates,
        gallery,
    }))
}

fn said(meaning: &face::FalseMatch) -> FalseMatch {
    FalseMatch {
        likeness: match meaning.likeness() {
            face::Likeness::Common => Likeness::Common,
            face::Likeness::Some => Likeness::Some,
            face::Likeness::Few => Likeness::Few,
            face::Likeness::Rare => Likeness::Rare,
        },
        // Rounded up, so that no likeness seems rarer than it is; the cast saturates.
        strangers_millionths: (meaning.alike * 1e6).ceil().max(0.0) as u64,
    }
}
