// Package sandbox starts foreign programs where they can do no harm: without a
// network, with a read-only file system but for a scratch folder, without our environment
// and secrets, with limits on memory, processes, files and disk.
//
// # What a program sees
//
// Everything that it can write to is its scratch folder: /scratch, its working directory and
// home, and in it the folders that it sees as /tmp and /dev/shm. So one bound holds for all of it.
//
//   - bubblewrap: /usr and what hangs together with it, and a handful of files of /etc, of this
//     machine, read-only; what Spec.Binds names; and neither homes, data, /run nor /var. It is alone in namespaces of
//     its own (user, process, network, IPC, host name), as a user without rights, and cannot make more of them.
//   - container: what the image has, read-only.
//   - none: this machine, as the user that we are. Only an environment of its own and its limits are left.
//
// # Limits
//
// Memory and processes are bounded by a control group, where one can be made, so they hold for all of a
// program's processes together, and it can be told what died for memory. Where none can be made they are
// bounds of each process (setrlimit). The folder is a real one, and not a file system in memory of a size, as what a
// program leaves there is wanted, and would take memory otherwise: each file is bounded by setrlimit, and
// their sum is looked at a few times a second. What is not seen in the folder any more, as a
// program deleted it and holds it open, is bounded by what the disk has: when that gets little, all who write there end.
//
//	box, err := sandbox.Find(ctx, "auto", "")
//	process, err := box.Start(ctx, &sandbox.Spec{Argv: []string{"python3", "score.py"}, Scratch: folder, Stdout: &out})
//	err = process.Wait()
package sandbox
