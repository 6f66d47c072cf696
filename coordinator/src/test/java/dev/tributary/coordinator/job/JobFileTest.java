package dev.tributary.coordinator.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tributary.privacy.Relation;
import dev.tributary.privacy.Unit;
import dev.tributary.secagg.Mode;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class JobFileTest {
  static final String PRIVATE =
      """
      apiVersion: tributary/v1
      name: fashion-private
      model:
        input: [28, 28, 1]
        layers: [flatten, {dense: {units: 10, activation: softmax}}]
        loss: sparse_categorical_crossentropy
      training: {localEpochs: 5, batchSize: 10, optimizer: {sgd: {learningRate: 0.1}}}
      strategy: {fedavg: {serverOptimizer: {sgd: {learningRate: 0.25, momentum: 0.9, decay: {linear: {from: 0.5}}}}}}
      rounds: 80
      cohort: {size: 100, minimum: 85, schedule: {participations: 8, separation: 5}}
      privacy: {unit: user, epsilon: 4, delta: 1e-5, clipNorm: 0.3, mechanism: distributed-discrete-gaussian, colluders: 1}
      secureAggregation: {suite: sa1, mode: malicious}
      deadline: 60s
      evaluation: {every: 5, metrics: [accuracy, loss]}
      simulation:
        seed: 1
        data: {source: fashion-mnist-12k, partition: {iid: {clients: 1000}}}
        faults: {dropout: 0.05}
      """;

  @Test
  void parse_theMainJob_givesItsValues() {
    Job job = JobFile.parse("my.yaml", PRIVATE, List.of());

    assertThat(job.name()).isEqualTo("fashion-private");
    assertThat(job.model().layout().size()).isEqualTo(7850);
    assertThat(job.training().localEpochs()).isEqualTo(5);
    assertThat(job.strategy().serverOptimizer().parameters()).containsEntry("momentum", 0.9);
    assertThat(job.strategy().decayFrom()).isEqualTo(0.5);
    assertThat(job.strategy().denominator()).isEqualTo(Job.Denominator.COHORT);
    assertThat(job.cohort()).isEqualTo(new Job.Cohort(100, 85, null, 8, 5));
    assertThat(job.privacy())
        .isEqualTo(
            new Job.Privacy(
                "distributed-discrete-gaussian",
                "default",
                Unit.USER,
                Relation.ZERO_OUT,
                4,
                1e-5,
                0.3,
                1,
                null,
                null));
    assertThat(job.secureAggregation())
        .isEqualTo(new Job.SecureAggregation("sa1", Mode.MALICIOUS, 0.01, 0.15));
    assertThat(job.deadline()).isEqualTo(Duration.ofSeconds(60));
    assertThat(job.evaluation()).isEqualTo(new Job.Evaluation(5, List.of("accuracy", "loss")));
    assertThat(job.simulation().partition()).isEqualTo(new Job.Partition.Iid(1000));
    assertThat(job.simulation().faults().phases())
        .containsExactly("advertise", "share", "input", "sign", "unmask");
  }

  @Test
  void parse_budgetThatTheNoiseExceeds_namesAlternativesThatWork() {
    List<String> stated = List.of("privacy.epsilon=2", "privacy.noiseMultiplier=3.2");

    JobFileException refused =
        catchThrowableOfType(
            JobFileException.class, () -> JobFile.parse("my.yaml", PRIVATE, stated));

    assertThat(refused.code()).isEqualTo("budget-too-small");
    System.out.println(refused.getMessage());
  }
}
