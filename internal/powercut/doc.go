// Package powercut is a double of a file system for tests: it works on a real
// folder, keeps account of what was synced, and on demand cuts the power: every
// later call fails, and [FS.Images] gives what may then be on the disk.
//
// # The rules
//
// What survives for certain, because it is promised:
//
//   - The data, size and modification time that a file had at its last successful
//     fsync (POSIX.1-2024, fsync; fsync(2): "all modified in-core data of the file").
//   - The names in a folder as they were at the last successful fsync of that
//     folder. The fsync of a file says nothing of its name (fsync(2): "Calling
//     fsync() does not necessarily ensure that the entry in the directory
//     containing the file has also reached disk. For that an explicit fsync() on a
//     file descriptor for the directory is also needed"), and the name of a folder
//     is in the folder above it.
//   - A rename onto a name: there is the old file or the new one, never none.
//
// Everything else may have reached the disk or not, each name and each page by
// itself and in any order: POSIX promises no order between two changes that were
// not synced. The variants of an image are extremes and samples of that:
//
//   - [Nothing] that was not synced. Renames and removals of names are undone.
//   - [Names]: all names, but the data of files that were not synced is not
//     there: they are empty, or as long as they were (ext4 with delayed allocation
//     and XFS after a rename without fsync, known as the zero-length problem).
//   - [Zeros]: all names, and files have their size, but pages that were not
//     synced are zeros (XFS, whose size was written before the data).
//   - [Garbage]: the same with foreign bytes (ext4 with data=writeback).
//   - [Added]: names that were made and all data, but nothing that was removed.
//   - [Removed]: names that were removed, but nothing that was made in their stead:
//     what finds code that unlinks before the replacement is on the disk.
//   - [Ordered]: the changes of names up to some moment, with all data: one
//     journal for all folders, ext4 with data=ordered. The friendly case.
//   - [Everything], as after the end of a process without a power cut.
//   - [Sample]: names and pages chosen by a seed.
//
// A failed fsync of a file is final: the kernel marks the pages clean and may drop
// them, so a second fsync succeeds and proves nothing (Rebello et al., "Can
// Applications Recover from fsync Failures?", USENIX ATC 2020). The double does
// that. A folder whose fsync failed may be synced again: its changes stay in the
// journal, and a journal that cannot be written ends in a read-only file system.
//
// The modification time that a file has without its sync is one of those that it
// ever had. Symbolic links and the removal of folders are not modelled.
package powercut
