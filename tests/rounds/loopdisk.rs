//! A disk of one's own whose power can be cut: ext4 in an image file, mounted over a loop device.

use crate::kit::LONG;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// A mounted ext4. Unmounted when it goes.
pub struct LoopDisk {
    image: PathBuf,
    point: PathBuf,
    mounted: bool,
}

/// Runs a tool; a failure says what the round needs.
pub fn tool(program: &str, arguments: &[&str]) {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .unwrap_or_else(|e| panic!("`{program}` cannot be run ({e}); scripts/faults installs it"));
    assert!(
        output.status.success(),
        "`{program} {}` failed: {}\nThis round needs root with CAP_SYS_ADMIN and loop devices.",
        arguments.join(" "),
        String::from_utf8_lossy(&output.stderr).trim()
    );
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

impl LoopDisk {
    pub fn make(dir: &Path, name: &str, megabytes: u64) -> Self {
        let image = dir.join(format!("{name}.img"));
        let point = dir.join(name);
        std::fs::create_dir_all(&point).unwrap();
        let file = std::fs::File::create(&image).unwrap();
        file.set_len(megabytes * 1024 * 1024).unwrap();
        drop(file);
        tool("mkfs.ext4", &["-q", "-F", text(&image)]);
        let mut disk = Self {
            image,
            point,
            mounted: false,
        };
        disk.mount();
        disk
    }

    pub fn path(&self) -> &Path {
        &self.point
    }

    /// `commit=300`: nothing but what a program asks for comes to the disk while a round looks.
    pub fn mount(&mut self) {
        let options = "loop,commit=300,errors=remount-ro";
        tool(
            "mount",
            &["-o", options, text(&self.image), text(&self.point)],
        );
        self.mounted = true;
    }

    /// Waits for whoever is just closing the last files there.
    pub fn unmount(&mut self) {
        let until = Instant::now() + LONG;
        while Instant::now() < until {
            let umount = Command::new("umount").arg(&self.point).output().unwrap();
            if umount.status.success() {
                self.mounted = false;
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("the disk stays in use");
    }

    /// The image as it is now, beside it: what ext4 has given to its device, and nothing of what
    /// it still holds in memory. Taken again while the device is being written to.
    pub fn copy(&self) -> PathBuf {
        let copy = self.image.with_extension("cut");
        let changed = || std::fs::metadata(&self.image).unwrap().modified().unwrap();
        for _ in 0..100 {
            let before = changed();
            let (from, to) = (text(&self.image), text(&copy));
            tool("cp", &["--sparse=always", from, to]);
            if changed() == before {
                return copy;
            }
        }
        panic!("the image never rests");
    }

    /// Puts a copy in the image's place; the next mount finds the state of the cut.
    pub fn replace(&mut self, copy: &Path) {
        assert!(!self.mounted);
        std::fs::rename(copy, &self.image).unwrap();
    }

    /// Cuts the file system off in the middle of whatever it does: nothing more reaches the
    /// device, not even the journal of ext4. A sync that is under way just then may be told that it
    /// succeeded (Linux 6.18: nobody waits for a transaction that was given up), as no power cut
    /// would tell it: what is acknowledged from here on counts for nothing.
    pub fn shut_down(&self) {
        tool("xfs_io", &["-x", "-c", "shutdown", text(&self.point)]);
    }

    /// The file system's own fault, as after an unreadable block: it becomes read-only.
    pub fn fault(&self) {
        let device = self.device();
        let trigger = format!("/sys/fs/ext4/{device}/trigger_fs_error");
        std::fs::write(&trigger, "1").unwrap_or_else(|e| panic!("{trigger}: {e}"));
    }

    fn device(&self) -> String {
        let mounts = std::fs::read_to_string("/proc/mounts").unwrap();
        let line = mounts
            .lines()
            .find(|l| l.split(' ').nth(1) == Some(text(&self.point)))
            .expect("mounted");
        let device = line.split(' ').next().unwrap();
        device.trim_start_matches("/dev/").to_owned()
    }
}

impl Drop for LoopDisk {
    fn drop(&mut self) {
        if self.mounted {
            // Lazily: a round that failed may still have files open here.
            let _ = Command::new("umount")
                .args(["-l", text(&self.point)])
                .status();
        }
    }
}
