package queue

import (
	"context"
	"syscall"
	"time"
)

const (
	mendEvery = time.Second
	// mendRoom is how many bytes of the disk must be free before a server is started again that a full one has stopped.
	mendRoom = 32 << 20
	mendWait = time.Minute // for a start
)

// mend starts another server on the folder whenever one could not write a stream, as soon as the folder can be written
// again: the server gives such a stream up until it is started anew. The connections of this process, and those of others,
// find the new one where the old one was.
func (s *Server) mend() {
	for {
		select {
		case <-s.quit:
			return
		case <-s.log.broken:
		}
		tick := time.NewTicker(mendEvery)
		for mended := false; !mended; {
			select {
			case <-s.quit:
				tick.Stop()
				return
			case <-tick.C:
				mended = s.writable() && s.again()
			}
		}
		tick.Stop()
	}
}

// writable says whether the folder takes files and the disk has room.
func (s *Server) writable() bool {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(s.dir, &disk); err != nil || uint64(disk.Bavail)*uint64(disk.Bsize) < mendRoom {
		return false
	}
	return tryWrite(s.dir) == nil
}

// again starts a server in place of the one that runs, at the same address.
func (s *Server) again() bool {
	ctx, cancel := context.WithTimeout(context.Background(), mendWait)
	defer cancel()
	s.shutDown()
	s.log.mended()
	if err := s.start(ctx, s.host, s.port); err != nil {
		s.log.log.Error("the queue could not be started again", "error", err)
		return false
	}
	s.log.log.Info("the queue takes feedback again")
	return true
}
