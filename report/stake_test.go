package report

import (
	"testing"

	"earshot/feedback"
)

// added gives the sums of a snapshot's accounts as the database makes them.
func added(s feedback.Snapshot) *feedback.StakeFacts {
	st := Compute(&s)
	k := &feedback.StakeFacts{Accounts: st.AtStake.Accounts, ARR: st.AtStake.ARR, SevereAccounts: st.AtStake.SevereAccounts, SevereARR: st.AtStake.SevereARR}
	for _, c := range st.Clusters {
		if c.AtStake > 0 {
			k.Clusters = append(k.Clusters, feedback.ClusterStake{ID: c.Cluster, Accounts: c.AtStake, ARR: c.AtStakeARR})
		}
	}
	return k
}

func TestWhatIsAtStakeIsTheSameAddedUpOrListed(t *testing.T) {
	listed, summed := fieldwork(), fieldwork()
	summed.Stake = added(listed)
	if a, b := Compute(&listed), Compute(&summed); !sameJSON(a, b) {
		t.Errorf("%+v\n%+v", a.AtStake, b.AtStake)
	}
	// The list may be cut; the sums stand.
	summed.Accounts = summed.Accounts[:2]
	if a, b := Compute(&listed).AtStake, Compute(&summed).AtStake; a != b {
		t.Errorf("%+v with all accounts, %+v with two of them", a, b)
	}
	if problems := Verify(draft(t, summed)); len(problems) > 0 {
		t.Error(problems)
	}
	listed.Accounts = listed.Accounts[:2]
	if a, b := Compute(&listed).AtStake, Compute(&summed).AtStake; a == b {
		t.Error("the sums are not used")
	}
}
