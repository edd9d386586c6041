//! §18 to §21, §23, §32: the bodycam of this shift.

use super::words::{camera_refusal, choice, duty};
use super::{AppWindow, BodycamAdapter, CameraRefusal, DeviceOwner, PermittedBy, int, put};
use crate::app::Sender;
use regulation::bodycam;
use slint::ComponentHandle;
use tablet::pages::{BodycamView, ChoiceView};
use tablet::worker::{BodycamCommand, Command};

pub(super) fn connect(window: &AppWindow, sender: &Sender) {
    let adapter = window.global::<BodycamAdapter>();
    let send = {
        let to = sender.clone();
        move |command| to.send(Command::Bodycam(command))
    };
    let to = send.clone();
    adapter.on_open_receive(move || to(BodycamCommand::OpenReceive));
    let to = send.clone();
    adapter.on_switch_on(move || to(BodycamCommand::SwitchOn));
    let to = send.clone();
    adapter.on_ask_pause(move |why, minutes| {
        to(BodycamCommand::AskPause {
            why: why.into(),
            minutes: u16::try_from(minutes).unwrap_or_default(),
        });
    });
    let to = send.clone();
    adapter.on_withdraw(move || to(BodycamCommand::WithdrawPause));
    let to = send.clone();
    adapter.on_by_voice(move |by, name| {
        to(BodycamCommand::PermittedByVoice {
            by: match by {
                PermittedBy::DutyUnit => bodycam::PermittedBy::DutyUnit,
                PermittedBy::Commander => bodycam::PermittedBy::Commander,
            },
            name: name.into(),
        });
    });
    let to = send.clone();
    adapter.on_begin_pause(move || to(BodycamCommand::BeginPause));
    let to = send.clone();
    adapter.on_resume(move || to(BodycamCommand::Resume));
    let to = send.clone();
    adapter.on_report_fault(move |what, note| {
        to(BodycamCommand::Fault {
            what: what.into(),
            note: note.into(),
        });
    });
    let to = send.clone();
    adapter.on_mended(move || to(BodycamCommand::Mended));
    let to = send.clone();
    adapter.on_record_other_means(move |device, owner, minutes, note| {
        let owner = match owner {
            DeviceOwner::None => return,
            DeviceOwner::Own => bodycam::DeviceOwner::Own,
            DeviceOwner::Colleague => bodycam::DeviceOwner::Colleague,
            DeviceOwner::Service => bodycam::DeviceOwner::Service,
        };
        to(BodycamCommand::OtherMeans {
            device: device.into(),
            owner,
            minutes: u16::try_from(minutes).ok().filter(|minutes| *minutes > 0),
            note: note.into(),
        });
    });
    let to = send.clone();
    adapter.on_switch_off(move || to(BodycamCommand::SwitchOff));
    adapter.on_hand_back(move |battery| {
        send(BodycamCommand::HandBack {
            battery: battery.into(),
        });
    });
    let to = sender.clone();
    adapter.on_end_shift(move || to.send(Command::EndShift));
    let to = sender.clone();
    adapter.on_back(move || to.send(Command::GoHome));
}

pub(super) fn map(window: &AppWindow, view: &BodycamView) {
    let adapter = window.global::<BodycamAdapter>();
    adapter.set_camera(view.camera.as_str().into());
    adapter.set_duty(duty(&view.duty));
    adapter.set_ending(view.ending);
    let pause = view.pause.as_ref();
    adapter.set_pause_why(pause.map(|p| p.why.as_str().into()).unwrap_or_default());
    adapter.set_pause_minutes(pause.map_or(0, |p| i32::from(p.minutes)));
    adapter.set_pause_refused(pause.is_some_and(|p| p.refused));
    let by_voice = pause.and_then(|p| p.by_voice);
    adapter.set_to_be_confirmed(by_voice == Some(None));
    adapter.set_not_confirmed(by_voice == Some(Some(false)));
    let fault = view.fault.as_ref();
    adapter.set_fault(fault.map(|f| f.what.as_str().into()).unwrap_or_default());
    adapter.set_fault_at(fault.map(|f| f.at.as_str().into()).unwrap_or_default());
    let administrator = fault.map(|f| f.administrator.as_str().into());
    adapter.set_administrator(administrator.unwrap_or_default());
    adapter.set_fault_closed(fault.is_some_and(|f| f.closed));
    adapter.set_other_means(int(view.other_means));
    let choices = |choices: &[ChoiceView]| choices.iter().map(choice).collect();
    put(&adapter.get_reasons(), choices(&view.reasons), |m| {
        adapter.set_reasons(m);
    });
    let lengths = view.lengths.iter().map(|l| i32::from(*l)).collect();
    put(&adapter.get_lengths(), lengths, |m| adapter.set_lengths(m));
    put(&adapter.get_faults(), choices(&view.faults), |m| {
        adapter.set_faults(m);
    });
    put(&adapter.get_devices(), choices(&view.devices), |m| {
        adapter.set_devices(m);
    });
    let (refusal, paragraph) = view.refusal.unzip();
    adapter.set_refusal(refusal.map_or(CameraRefusal::None, camera_refusal));
    adapter.set_refusal_paragraph(paragraph.map_or(0, i32::from));
    adapter.set_done(int(view.done));
}

pub(super) fn forget(window: &AppWindow) {
    window
        .global::<BodycamAdapter>()
        .set_administrator("".into());
}
