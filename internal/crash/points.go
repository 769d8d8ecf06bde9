package crash

// Point is a moment between two steps.
type Point string

// The points, in the order of a message's way.
const (
	PublishStaged    Point = "publish.staged"    // of a batch all is sent but the message that commits it
	PublishCommitted Point = "publish.committed" // on disk in the queue; the producer has not heard of it

	IngestPulled   Point = "ingest.pulled"   // delivered; nothing written down
	IngestOpened   Point = "ingest.opened"   // written down as being handled
	IngestPrepared Point = "ingest.prepared" // decoded, cleaned, redacted and split
	IngestSaving   Point = "ingest.saving"   // every statement has run; not committed
	IngestSaved    Point = "ingest.saved"    // committed, receipts too
	StoredSending  Point = "stored.sending"  // the next stage is about to be told
	StoredSent     Point = "stored.sent"     // it was told
	IngestAcking   Point = "ingest.acking"   // done; the queue is about to be told
	IngestAcked    Point = "ingest.acked"    // the queue has confirmed

	ClassifyPulled   Point = "classify.pulled"
	ClassifyOpened   Point = "classify.opened"
	ClassifyAnalysed Point = "classify.analysed" // embedded and labelled
	ClassifySaving   Point = "classify.saving"
	ClassifySaved    Point = "classify.saved"
	ClassifyAcking   Point = "classify.acking"
	ClassifyAcked    Point = "classify.acked"

	DeadBurying Point = "dead.burying" // refused for good; nothing kept
	DeadSaving  Point = "dead.saving"  // not committed
	DeadSaved   Point = "dead.saved"   // kept; its message is not terminated

	BooksFolding Point = "books.folding" // receipts added up; not committed
	BooksFolded  Point = "books.folded"  // committed; the queue holds the messages still
	BooksTrimmed Point = "books.trimmed" // the queue has let go of them

	ReplayPublished Point = "replay.published" // in the queue again, and still a dead letter
	ReplayRemoved   Point = "replay.removed"
)

// Points lists every point.
var Points = []Point{
	PublishStaged, PublishCommitted,
	IngestPulled, IngestOpened, IngestPrepared, IngestSaving, IngestSaved, StoredSending, StoredSent, IngestAcking, IngestAcked,
	ClassifyPulled, ClassifyOpened, ClassifyAnalysed, ClassifySaving, ClassifySaved, ClassifyAcking, ClassifyAcked,
	DeadBurying, DeadSaving, DeadSaved, BooksFolding, BooksFolded, BooksTrimmed, ReplayPublished, ReplayRemoved,
}

var armed func(Point)

// At says that the process has come to a point.
func At(p Point) {
	if armed != nil {
		armed(p)
	}
}

// Arm has do called at every point from now on. Call it before any work begins.
func Arm(do func(Point)) { armed = do }
