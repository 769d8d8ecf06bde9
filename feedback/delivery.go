package feedback

import (
	"errors"
	"strconv"
	"time"
)

// Cadence says when a schedule is due.
type Cadence string

// The cadences.
const (
	Weekly  Cadence = "weekly"  // on a weekday, at a minute of the day
	Monthly Cadence = "monthly" // on a day of the month, or the last where the month is shorter, at a minute of the day
	OnAlert Cadence = "alerts"  // whenever an alert is raised, or changes enough to be worth a word
)

// Schedule says what of a workspace goes to whom, and when.
type Schedule struct {
	Workspace string
	ID        int // given once, from 1; people see it as S1
	Cadence   Cadence
	Weekday   time.Weekday // of a weekly schedule
	Day       int          // of a monthly schedule, 1 to 31
	Minute    int          // of the day in Zone, 0 to 1439
	Zone      string       // of the IANA database, for instance Europe/Berlin
	Period    string       // of the Pulse, counted back from the day on which the schedule is due; "" for alerts
	Targets   []string     // as [ParseTarget] reads them; they may hold secrets
	Paused    bool
	Served    time.Time // the last moment up to which it was served: what was due before is not sent any more
	CreatedAt time.Time
}

// ScheduleName is how people see the id of a schedule.
func ScheduleName(id int) string { return "S" + strconv.Itoa(id) }

// DeliveryKind says what is delivered.
type DeliveryKind string

// The kinds of deliveries.
const (
	DeliverPulse DeliveryKind = "pulse"
	DeliverAlert DeliveryKind = "alert"
	DeliverTest  DeliveryKind = "test" // a Pulse sent to try a target
)

// DeliveryState says what became of a delivery.
type DeliveryState string

// The states. Waiting and sending are open, the others final.
const (
	DeliveryWaiting DeliveryState = "waiting" // until NextAt
	DeliverySending DeliveryState = "sending" // claimed until NextAt
	DeliverySent    DeliveryState = "sent"
	DeliveryFailed  DeliveryState = "failed"  // for good
	DeliveryUnknown DeliveryState = "unknown" // it may have arrived, and the target cannot drop a repeat
)

// Delivery is one thing that goes to one target, once.
type Delivery struct {
	ID        ID // a function of what, to whom and for when: see [DeliveryID]
	Workspace string
	Schedule  int // 0 for one that a person sent
	Kind      DeliveryKind
	Target    string // it may hold a secret
	Due       time.Time
	Period    string // of a scheduled Pulse, until it is written
	Subject   string // the id of the Pulse, or of the alert with its revision as <id>#2; "" until it is known
	State     DeliveryState
	Attempts  int
	NextAt    time.Time // when it may be tried, or when the claim ends
	UpdatedAt time.Time
	Error     string // of the last attempt; holds no secret
	Cut       bool   // the process that sent it before ended before it could say whether it did; not stored
}

// DeliveryID is the idempotency key of a delivery: of a schedule, what it is about (a moment or an alert's revision) and a
// target there is one, however often and by however many processes it is planned.
func DeliveryID(workspace string, schedule int, about, target string) ID {
	return derive("delivery", workspace, strconv.Itoa(schedule), about, target)
}

// ErrUncertain marks an attempt of which nobody can say whether it arrived, at a target that cannot drop a repeat.
var ErrUncertain = errors.New("it may have arrived")

// Parcel is what a delivery carries, in the form of its target.
type Parcel struct {
	ID    ID // of the delivery; what carries it says so, that a receiver can drop a repeat
	Kind  DeliveryKind
	About string       // the subject of the delivery: the id of the Pulse, or of the alert with its revision
	Body  []byte       // a mail, or JSON
	Files []ParcelFile // for a folder
}

// ParcelFile is one file of a parcel.
type ParcelFile struct {
	Name string
	Data []byte
}
