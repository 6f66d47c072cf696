package dev.tributary.simulation;

import dev.tributary.client.Policy;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.round.Planner;
import dev.tributary.plan.ExamplePrivacy;
import dev.tributary.secagg.Mode;
import dev.tributary.secagg.Sa1;
import dev.tributary.secagg.insecure.InsecurePlainSum;

/** What simulated and demonstrated clients ask of a round: what their job promises, no less. */
public final class Policies {
  private Policies() {}

  /**
   * The policy of every client of the job.
   *
   * @param fast whether the sum is a plain one, which no mode describes
   */
  public static Policy of(Job job, boolean fast) {
    Job.Privacy privacy = job.privacy();
    Policy policy =
        Policy.atLeast()
            .cohort(job.cohort().size())
            .minimumSum(job.cohort().minimum())
            .mode(fast ? Mode.CURIOUS : job.secureAggregation().mode())
            .maximumDeadline(job.deadline())
            .maximumLocalEpochs(job.training().localEpochs());
    if (!fast && job.secureAggregation().suite().equals(Sa1.POST_QUANTUM)) {
      policy = policy.requiringPostQuantum();
    }
    ExamplePrivacy examples = job.training().examplePrivacy().orElse(null);
    if (examples != null) {
      policy = policy.maximumExampleEpsilon(examples.epsilon(), examples.delta());
    }
    if (privacy.none()) {
      return policy.maximumEpsilon(Double.POSITIVE_INFINITY);
    }
    String suite = fast ? InsecurePlainSum.ID : job.secureAggregation().suite();
    double epsilon = job.sampled() ? new Planner(job, suite).memberEpsilon() : privacy.epsilon();
    policy = policy.maximumEpsilon(epsilon).delta(privacy.delta());
    if (privacy.adaptiveClip() == null) {
      policy = policy.maximumClipNorm(privacy.clipNorm());
    }
    return privacy.madeByClients() ? policy : policy.trustingCentralNoise();
  }
}
