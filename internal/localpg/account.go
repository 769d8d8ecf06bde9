package localpg

import (
	"errors"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"

	"earshot/feedback"
)

// account is who runs the server. credential is nil when that is who runs this process.
type account struct {
	name       string
	uid, gid   int
	credential *syscall.Credential
}

// newAccount chooses the account of a new cluster.
func newAccount(wanted string) (account, error) {
	if os.Geteuid() != 0 {
		return account{name: "this account", uid: os.Geteuid(), gid: os.Getegid()}, nil
	}
	names := []string{"postgres", "nobody"}
	if wanted != "" {
		names = []string{wanted}
	}
	for _, name := range names {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, _ := strconv.Atoi(u.Uid)
		gid, _ := strconv.Atoi(u.Gid)
		if uid == 0 {
			break
		}
		return otherAccount(name, uid, gid), nil
	}
	return account{}, feedback.Errorf(feedback.Unavailable, "PostgreSQL does not run as root, and there is no account %s to run it", names[0]).
		WithHint("run earshot as an ordinary user, or make an account: useradd --system postgres")
}

// ownerAccount gives the account of a cluster that exists: the one that owns its files, for the server accepts no other.
func ownerAccount(pgdata string) (account, error) {
	info, err := os.Stat(pgdata)
	if err != nil {
		return account{}, folderError(pgdata, err)
	}
	stat := info.Sys().(*syscall.Stat_t)
	uid, gid := int(stat.Uid), int(stat.Gid)
	name := strconv.Itoa(uid)
	if u, err := user.LookupId(name); err == nil {
		name = u.Username
	}
	switch {
	case uid == os.Geteuid() && uid != 0:
		return account{name: name, uid: uid, gid: gid}, nil
	case os.Geteuid() != 0:
		return account{}, feedback.Errorf(feedback.Conflict, "the database in %s belongs to the account %s", pgdata, name).
			WithHint("run as that account, or choose another data folder")
	case uid == 0:
		return account{}, feedback.Errorf(feedback.Conflict, "the database in %s belongs to root, and PostgreSQL does not run as root", pgdata).
			WithHint("give it to the account that shall run it: chown -R postgres %s", pgdata)
	}
	return otherAccount(name, uid, gid), nil
}

func otherAccount(name string, uid, gid int) account {
	return account{name: name, uid: uid, gid: gid, credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
}

// canRun fails when the account can't execute the server.
func (a account) canRun(in Installation) error {
	if err := a.probe(in, "/"); err != nil {
		return feedback.Errorf(feedback.Unavailable, "the account %s can't run %s: %w", a.name, filepath.Join(in.Bin, "postgres"), err).
			WithHint("make its folders readable to all: chmod o+rx, or set EARSHOT_POSTGRES_BIN to another server")
	}
	return nil
}

// canEnter tells whether the account can work in dir, which takes the right to pass every folder above it.
func (a account) canEnter(in Installation, dir string) (bool, error) {
	if a.credential == nil {
		return true, nil
	}
	err := a.probe(in, dir)
	if errors.Is(err, syscall.EACCES) || errors.Is(err, syscall.EPERM) {
		return false, nil
	}
	return err == nil, err
}

func (a account) probe(in Installation, dir string) error {
	cmd := exec.Command(filepath.Join(in.Bin, "postgres"), "--version")
	cmd.Env = in.environment()
	cmd.Dir = dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: a.credential}
	return cmd.Run()
}

// mkdir makes a folder that the account alone may enter, or takes one that it already owns.
func (a account) mkdir(dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil && !os.IsExist(err) {
		return folderError(dir, err)
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return folderError(dir, err)
	}
	if owner := int(info.Sys().(*syscall.Stat_t).Uid); !info.IsDir() || owner != a.uid && owner != os.Geteuid() {
		return feedback.Errorf(feedback.Conflict, "%s exists and belongs to somebody else", dir).WithHint("remove it")
	}
	if a.credential != nil {
		if err := os.Lchown(dir, a.uid, a.gid); err != nil {
			return folderError(dir, err)
		}
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return folderError(dir, err)
	}
	return nil
}
