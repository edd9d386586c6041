//! §3, §5: the answer. While it is covered the screen holds nothing of the person.

use super::photo;
use super::words::{answer_state, mark, register, unidentifiable};
use super::{
    AnswerAdapter, AppWindow, ComparedHow, ComparedItem, ComparedName, Confirmed, EntryItem,
    GallerySize, LikenessName, PersonItem, PersonSign, RegisterItem, Spent, int,
};
use crate::app::Sender;
use protocol::{GallerySearched, Likeness, Portrait, Register};
use regulation::encounter::Confirmation;
use slint::{ComponentHandle, Image, ModelRc, SharedString, VecModel};
use tablet::device::Picture;
use tablet::pages::{self, AnswerView, ComparedView, EntryView, PersonView};
use tablet::worker::Command;

pub(super) fn connect(window: &AppWindow, sender: &Sender) {
    let adapter = window.global::<AnswerAdapter>();
    let to = sender.clone();
    adapter.on_reveal(move |held| to.send(Command::Reveal(held)));
    let to = sender.clone();
    adapter.on_confirm(move || to.send(Command::ConfirmIdentity));
    let to = sender.clone();
    adapter.on_dispute(move || to.send(Command::DisputeIdentity));
    let to = sender.clone();
    adapter.on_next(move || to.send(Command::NextCandidate));
    let to = sender.clone();
    adapter.on_none_of_these(move || to.send(Command::NoneOfThese));
    let to = sender.clone();
    adapter.on_other_means(move || to.send(Command::OtherMeans));
    let to = sender.clone();
    adapter.on_review_ground(move || to.send(Command::ReviewGround));
    let to = sender.clone();
    adapter.on_to_outcome(move || to.send(Command::ToOutcome));
    let to = sender.clone();
    adapter.on_go_home(move || to.send(Command::GoHome));
}

pub(super) fn map(window: &AppWindow, view: &AnswerView) {
    let adapter = window.global::<AnswerAdapter>();
    adapter.set_answered_at(view.answered_at.as_str().into());
    adapter.set_took(seconds(view.took_tenths));
    adapter.set_state(answer_state(view.kind));
    adapter.set_mark(mark(view.mark));
    adapter.set_people(model(
        if view.covered { &[] } else { &view.people },
        map_person,
    ));
    adapter.set_compared(model(
        &compared(if view.covered { &[] } else { &view.compared }),
        map_compared,
    ));
    adapter.set_covered(view.covered);
    adapter.set_gallery(
        view.gallery
            .filter(|_| !view.covered)
            .map(gallery)
            .unwrap_or_default(),
    );
    let faces = view.faces.filter(|_| !view.covered);
    adapter.set_faces(faces.map(|f| grouped(f.faces)).unwrap_or_default());
    adapter.set_faces_count(faces.map_or(0, |f| int(f.faces)));
    adapter.set_by_face(view.by_face);
    adapter.set_another_finger(view.another_finger && !view.covered);
    adapter.set_candidates(view.compare.map_or(0, |compare| int(compare.count)));
    adapter.set_candidate(view.compare.map_or(0, |compare| int(compare.at + 1)));
    adapter.set_confirmation(match view.confirmation {
        Confirmation::Open => Confirmed::Open,
        Confirmation::Confirmed => Confirmed::Confirmed,
        Confirmation::Disputed => Confirmed::Disputed,
        Confirmation::NoneOfThese => Confirmed::NoneOfThese,
    });
    adapter.set_late(view.late);
    adapter.set_cannot_identify(unidentifiable(view.cannot_identify));
    adapter.set_explanation_owed(view.explanation_owed);
}

pub(super) fn forget(window: &AppWindow) {
    let adapter = window.global::<AnswerAdapter>();
    adapter.set_covered(true);
    adapter.set_people(ModelRc::default());
    adapter.set_compared(ModelRc::default());
    adapter.set_gallery(GallerySize::default());
    adapter.set_faces(SharedString::default());
    adapter.set_another_finger(false);
}

/// What differs first, then what is to be looked at.
fn compared(fields: &[ComparedView]) -> Vec<&ComparedView> {
    let mut fields: Vec<_> = fields.iter().collect();
    fields.sort_by_key(|field| match field.how {
        pages::ComparedHow::Differs => 0,
        pages::ComparedHow::Expired => 1,
        pages::ComparedHow::ByEye => 2,
        pages::ComparedHow::AsInRegister => 3,
    });
    fields
}

fn map_compared(field: &&ComparedView) -> ComparedItem {
    use pages::{ComparedField as Field, ComparedHow as How};
    ComparedItem {
        field: match field.field {
            Field::Number => ComparedName::Number,
            Field::Pinfl => ComparedName::Pinfl,
            Field::Surname => ComparedName::Surname,
            Field::Given => ComparedName::Given,
            Field::Patronymic => ComparedName::Patronymic,
            Field::BirthDate => ComparedName::BirthDate,
            Field::Sex => ComparedName::Sex,
            Field::Expiry => ComparedName::Expiry,
        },
        entered: field.entered.as_str().into(),
        register: field.register.as_str().into(),
        how: match field.how {
            How::AsInRegister => ComparedHow::AsInRegister,
            How::ByEye => ComparedHow::ByEye,
            How::Differs => ComparedHow::Differs,
            How::Expired => ComparedHow::Expired,
        },
    }
}

pub(super) fn gallery(searched: GallerySearched) -> GallerySize {
    GallerySize {
        prints: grouped(searched.prints),
        prints_count: int(searched.prints),
        people: grouped(searched.people),
        people_count: int(searched.people),
    }
}

pub(super) fn model<F, T: Clone + 'static>(from: &[F], map: impl Fn(&F) -> T) -> ModelRc<T> {
    ModelRc::new(VecModel::from(from.iter().map(map).collect::<Vec<_>>()))
}

pub(super) fn map_person(person: &PersonView) -> PersonItem {
    let (grave, entries): (Vec<_>, Vec<_>) = person
        .entries
        .iter()
        .partition(|e| matches!(e.register, Register::Wanted | Register::Missing));
    let portrait = person.portrait.as_ref().and_then(portrait);
    PersonItem {
        likeness: match person.likeness {
            None => LikenessName::None,
            Some(Likeness::Common) => LikenessName::Common,
            Some(Likeness::Some) => LikenessName::Some,
            Some(Likeness::Few) => LikenessName::Few,
            Some(Likeness::Rare) => LikenessName::Rare,
        },
        has_portrait: portrait.is_some(),
        portrait: portrait.unwrap_or_default(),
        one_in: person.one_in.map(grouped).unwrap_or_default(),
        name: full_name(person),
        birth_date: person.birth_date.as_str().into(),
        address: person.address.as_str().into(),
        pinfl: person.pinfl.as_str().into(),
        document: person.document.as_str().into(),
        grave: model(&grave, |e| map_entry(e)),
        entries: model(&entries, |e| map_entry(e)),
        sign: match person.sign() {
            pages::Sign::Wanted => PersonSign::Wanted,
            pages::Sign::Missing => PersonSign::Missing,
            pages::Sign::OnRegister => PersonSign::OnRegister,
            pages::Sign::Clear => PersonSign::Clear,
            pages::Sign::NotAllAsked => PersonSign::NotAllAsked,
        },
        not_wanted: person.not_wanted,
        clear_of: model(&person.clear_of, |r| RegisterItem {
            register: register(r.register),
            source: r.source.as_str().into(),
            date: r.as_of.as_str().into(),
        }),
    }
}

/// `None`: what central sent is no JPEG; there is no portrait then.
fn portrait(portrait: &Portrait) -> Option<Image> {
    let picture = Picture::of_jpeg(&portrait.0).ok()?;
    Some(photo::image(&picture))
}

fn map_entry(entry: &EntryView) -> EntryItem {
    EntryItem {
        register: register(entry.register),
        source: entry.source.as_str().into(),
        date: entry.date.as_str().into(),
        spent: match entry.spent {
            None => Spent::NotApplicable,
            Some(true) => Spent::Spent,
            Some(false) => Spent::Current,
        },
        note: entry.note.as_str().into(),
    }
}

fn full_name(person: &PersonView) -> SharedString {
    let parts = [&person.surname, &person.given, &person.patronymic];
    let parts: Vec<&str> = parts
        .into_iter()
        .map(String::as_str)
        .filter(|p| !p.is_empty())
        .collect();
    parts.join(" ").into()
}

/// Tenths of a second as seconds.
fn seconds(tenths: u64) -> f32 {
    let tenths = u16::try_from(tenths).unwrap_or(u16::MAX);
    f32::from(tenths) / 10.0
}

/// "1 250 000", with spaces that do not break.
fn grouped(number: u64) -> SharedString {
    let digits = number.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push('\u{a0}');
        }
        text.push(digit);
    }
    text.into()
}
