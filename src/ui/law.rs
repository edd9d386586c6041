//! The Regulation's text, over the page that names it.

use super::{AppWindow, LawAdapter, LawItem, int, put, strings};
use crate::app::Sender;
use slint::{ComponentHandle, ModelRc};
use tablet::pages::{LawRow, PageView};
use tablet::worker::{Command, LawCommand};

pub(super) fn connect(window: &AppWindow, sender: &Sender) {
    let adapter = window.global::<LawAdapter>();
    let to = sender.clone();
    // 0 is no paragraph: the list.
    adapter.on_show(move |number| {
        let number = u8::try_from(number).ok().filter(|number| *number > 0);
        to.send(Command::Law(LawCommand::Open(number)));
    });
    let to = sender.clone();
    adapter.on_read(move |number| {
        if let Ok(number) = u8::try_from(number) {
            to.send(Command::Law(LawCommand::Read(number)));
        }
    });
    let to = sender.clone();
    adapter.on_list(move || to.send(Command::Law(LawCommand::List)));
    let to = sender.clone();
    adapter.on_search(move |query| to.send(Command::Law(LawCommand::Search(query.into()))));
    let to = sender.clone();
    adapter.on_close(move || to.send(Command::Law(LawCommand::Close)));
}

/// Over the page: it changes with every one.
pub(super) fn map(window: &AppWindow, view: &PageView) {
    let adapter = window.global::<LawAdapter>();
    let Some(law) = &view.law else {
        adapter.set_open(false);
        adapter.set_query("".into());
        adapter.set_rows(ModelRc::default());
        adapter.set_parts(ModelRc::default());
        return;
    };
    adapter.set_heading(law.heading.as_str().into());
    adapter.set_rendering(law.rendering);
    adapter.set_query(law.query.as_str().into());
    put(
        &adapter.get_rows(),
        law.rows.iter().map(item).collect(),
        |m| adapter.set_rows(m),
    );
    let paragraph = law.paragraph.as_ref();
    let parts = paragraph.map(|p| strings(&p.parts)).unwrap_or_default();
    put(&adapter.get_parts(), parts, |m| adapter.set_parts(m));
    let number = |of: Option<u8>| of.map_or(0, int);
    adapter.set_chapter(
        paragraph
            .map(|p| p.chapter.as_str())
            .unwrap_or_default()
            .into(),
    );
    adapter.set_before(number(paragraph.and_then(|p| p.before)));
    adapter.set_next(number(paragraph.and_then(|p| p.next)));
    adapter.set_number(number(paragraph.map(|p| p.number)));
    // Last: the page takes the query over when it begins.
    adapter.set_open(true);
}

fn item(row: &LawRow) -> LawItem {
    LawItem {
        number: int(row.number),
        chapter: row.chapter.as_str().into(),
        text: row.text.as_str().into(),
    }
}
