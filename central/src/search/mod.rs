//! Who is it? The gallery of prints, and the answer to a question.
//!
//! Only pictures come in; minutiae are found here and nowhere else. A probe never joins the
//! gallery. As long as the gallery is not whole, the answer is "incomplete", never "not found".

mod faces;
mod together;
pub mod worker;

use crate::config::{Policy, PolicyError};
use crate::people::portrait::FaceReader;
use crate::store::{Store, StoreError};
use biometrics::finger::{
    self, Candidate, Decision, Gallery, Keep, Prepared, Template, decode_png, extract,
};
use faces::{Faces, HeldFaces};
use protocol::{AnswerResult, FoundBy, Fpir, GallerySearched, PersonRecord, Probe};
use std::collections::HashSet;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Prints read from the store and enrolled at once: some for each thread, ten megabytes.
const PAGE: usize = 16_384;

/// What a look-up came to.
#[derive(Debug)]
pub struct LookedUp {
    pub result: AnswerResult,
    /// The store's number of the person, where one record was found.
    pub person: Option<u64>,
}

/// Answers questions from the registers and the gallery.
pub struct Search {
    store: Arc<dyn Store>,
    gallery: RwLock<Held>,
    faces: Faces,
    policy: finger::Policy,
    candidates: usize,
    threads: usize,
    keep: Keep,
    ready: tokio::sync::watch::Sender<bool>,
}

/// The gallery in memory.
struct Held {
    gallery: Gallery,
    people: HashSet<u64>,
    faces: HeldFaces,
    /// The store's generation that this is; `None` while it is not whole.
    whole_at: Option<u64>,
    /// The generation that was last loaded, whole or not; `None` before the first load has ended.
    tried_at: Option<u64>,
}

/// No generation of a store: a load that failed is made again at the next question.
const FAILED: u64 = u64::MAX;

impl std::fmt::Debug for Search {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Search")
    }
}

impl Search {
    /// A search whose gallery is still to be loaded.
    ///
    /// # Errors
    /// The policy's rates or tail are out of range.
    pub fn new(
        store: Arc<dyn Store>,
        policy: &Policy,
        reader: Arc<FaceReader>,
    ) -> Result<Self, PolicyError> {
        Ok(Self {
            store,
            faces: Faces::new(reader, policy),
            gallery: RwLock::new(Held {
                gallery: Gallery::new(),
                people: HashSet::new(),
                faces: HeldFaces::none(),
                whole_at: None,
                tried_at: None,
            }),
            policy: policy.decision()?,
            // With one alone, nobody would see that another person matches as well.
            candidates: policy.candidates.max(2),
            threads: policy.search_threads,
            keep: if policy.small_gallery_memory {
                Keep::Templates
            } else {
                Keep::Prepared
            },
            ready: tokio::sync::watch::Sender::new(false),
        })
    }

    /// Whether the first loading is over, whole or not.
    #[must_use]
    pub fn loaded(&self) -> tokio::sync::watch::Receiver<bool> {
        self.ready.subscribe()
    }

    /// Loads the gallery from the store. A print that does not read back leaves it not whole.
    ///
    /// # Errors
    /// The store cannot be read; the gallery is not whole then.
    pub fn load(&self) -> Result<(), StoreError> {
        let loaded = self.load_pages();
        // Over, even if it failed: questions must not wait for what will not come.
        self.ready.send_replace(true);
        let (held, damaged) = loaded.inspect_err(|_| self.write().tried_at = Some(FAILED))?;
        if damaged > 0 {
            tracing::error!(
                damaged,
                "prints of the gallery cannot be read; it is not whole"
            );
        }
        tracing::info!(
            prints = held.gallery.len(),
            people = held.people.len(),
            faces = held.faces.size().faces,
            "gallery loaded"
        );
        *self.write() = held;
        Ok(())
    }

    fn load_pages(&self) -> Result<(Held, u64), StoreError> {
        let generation = self.store.gallery_generation()?;
        let gallery = Gallery::new()
            .with_threads(self.threads)
            .with_keep(self.keep);
        let mut people = HashSet::new();
        let (mut after, mut damaged) = (0, 0u64);
        loop {
            let page = self.store.prints_after(after, PAGE)?;
            let Some(last) = page.last() else { break };
            after = last.id;
            let mut prints = Vec::with_capacity(page.len());
            for row in &page {
                match Template::from_bytes(&row.print.template) {
                    Ok(template) => {
                        people.insert(row.person);
                        prints.push((row.person, template));
                    }
                    Err(_) => damaged += 1,
                }
            }
            gallery.add_all(&prints);
        }
        let whole_at = (damaged == 0).then_some(generation);
        let faces = self.faces.load(&*self.store)?;
        Ok((
            Held {
                gallery,
                people,
                faces,
                whole_at,
                tried_at: Some(generation),
            },
            damaged,
        ))
    }

    fn read(&self) -> RwLockReadGuard<'_, Held> {
        self.gallery.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Held> {
        self.gallery.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Size of the gallery in memory.
    #[must_use]
    pub fn size(&self) -> GallerySearched {
        let held = self.read();
        GallerySearched {
            prints: held.gallery.len() as u64,
            people: held.people.len() as u64,
        }
    }

    /// Answers one question. Takes as long as it takes; not for an asynchronous thread.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn answer(&self, probe: &Probe) -> Result<LookedUp, StoreError> {
        self.answer_with(probe, &[])
    }

    /// Answers one question by a print together with earlier ones, of other fingers of the same
    /// person; of another probe by it alone.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn answer_with(&self, probe: &Probe, earlier: &[Probe]) -> Result<LookedUp, StoreError> {
        match probe {
            Probe::Document {
                document: _,
                number,
            } => Ok(found(self.store.person_by_document(number)?)),
            Probe::Pinfl { pinfl } => Ok(found(self.store.person_by_pinfl(pinfl)?)),
            Probe::Fingerprint {
                finger: _,
                ppi,
                png,
                with: _,
            } => self.fingerprint(png, *ppi, earlier),
            Probe::Face { jpeg } => Ok(self.face(jpeg)?.into()),
        }
    }

    /// §12: candidates for a person to compare, or that there are none; never a person.
    fn face(&self, jpeg: &[u8]) -> Result<AnswerResult, StoreError> {
        let probe = match self.faces.probe(jpeg) {
            Ok(probe) => probe,
            Err(why) => return Ok(why.into()),
        };
        self.refresh()?;
        let found = self.faces.search(&self.read().faces, &probe);
        let Some((found, gallery)) = found else {
            return Ok(AnswerResult::Incomplete);
        };
        // A candidate without a record: people changed while the search ran.
        let answer = faces::answer(&*self.store, &found, gallery)?;
        Ok(answer.unwrap_or(AnswerResult::Incomplete))
    }

    fn fingerprint(&self, png: &[u8], ppi: u16, earlier: &[Probe]) -> Result<LookedUp, StoreError> {
        let Some(template) = usable(png, ppi) else {
            return Ok(AnswerResult::Unusable.into());
        };
        let mut templates = vec![template];
        templates.extend(earlier.iter().filter_map(|probe| match probe {
            Probe::Fingerprint { ppi, png, .. } => usable(png, *ppi),
            Probe::Document { .. } | Probe::Pinfl { .. } | Probe::Face { .. } => None,
        }));
        self.refresh()?;
        let (near, gallery) = {
            let held = self.read();
            if held.whole_at.is_none() {
                return Ok(AnswerResult::Incomplete.into());
            }
            let gallery = GallerySearched {
                prints: held.gallery.len() as u64,
                people: held.people.len() as u64,
            };
            let prints = gallery.prints;
            let near = together::search(
                &held.gallery,
                &templates,
                self.candidates,
                &self.policy,
                prints,
            );
            (near, gallery)
        };
        let fpir =
            |c: &Candidate| Fpir::of_chance(self.policy.accidental(c.score, near.comparisons));
        let could = |template| self.could_be_found(template, gallery.prints);
        let result = match near.decide(&self.policy) {
            Decision::NotFound if !templates.iter().any(could) => AnswerResult::Unusable,
            Decision::NotFound => AnswerResult::NotFound {
                gallery: Some(gallery),
            },
            Decision::Identified(best) => match self.record(&best)? {
                Some(person) => {
                    let by = FoundBy::Fingerprint {
                        fpir: fpir(&best),
                        gallery,
                    };
                    return Ok(LookedUp {
                        result: AnswerResult::Found { person, by },
                        person: Some(best.id),
                    });
                }
                None => AnswerResult::Incomplete,
            },
            Decision::Possible(near) => {
                let with_record = |c: &Candidate| {
                    let record = self.record(c)?;
                    Ok(record.map(|person| protocol::Candidate {
                        person,
                        fpir: fpir(c),
                    }))
                };
                let records: Result<Vec<_>, StoreError> = near.iter().map(with_record).collect();
                // A candidate without a record: people changed while the search ran.
                match records?.into_iter().collect() {
                    Some(candidates) => AnswerResult::Possible {
                        candidates,
                        gallery,
                    },
                    None => AnswerResult::Incomplete,
                }
            }
        };
        Ok(result.into())
    }

    /// Whether the probe shows enough for "not found" to mean something.
    fn could_be_found(&self, probe: &Template, prints: u64) -> bool {
        self.policy.can_identify(&Prepared::new(probe), prints)
    }

    fn record(&self, candidate: &Candidate) -> Result<Option<PersonRecord>, StoreError> {
        self.store.person(candidate.id)
    }

    /// Takes in what changed in the store since, also by another process.
    fn refresh(&self) -> Result<(), StoreError> {
        let Some(tried_at) = self.read().tried_at else {
            return Ok(());
        };
        if tried_at != self.store.gallery_generation()? {
            self.load()?;
        }
        Ok(())
    }
}

/// The minutiae of a picture that has some.
fn usable(png: &[u8], ppi: u16) -> Option<Template> {
    let image = decode_png(png, ppi).ok()?;
    extract(&image).ok()
}

fn found(person: Option<(u64, PersonRecord)>) -> LookedUp {
    match person {
        Some((number, person)) => LookedUp {
            result: AnswerResult::Found {
                person,
                by: FoundBy::Number,
            },
            person: Some(number),
        },
        None => AnswerResult::NotFound { gallery: None }.into(),
    }
}

impl From<AnswerResult> for LookedUp {
    /// Where nobody was found.
    fn from(result: AnswerResult) -> Self {
        Self {
            result,
            person: None,
        }
    }
}
