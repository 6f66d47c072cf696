package dev.tributary.plan;

import com.google.protobuf.ByteString;
import com.google.protobuf.DiscardUnknownFieldsParser;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.tributary.privacy.Mechanism;
import dev.tributary.privacy.PipelineSpec;
import dev.tributary.privacy.Relation;
import dev.tributary.privacy.Segment;
import dev.tributary.privacy.Unit;
import dev.tributary.privacy.correlated.Schedule;
import dev.tributary.privacy.correlated.Strategy;
import dev.tributary.secagg.Mode;
import dev.tributary.secagg.SumParameters;
import dev.tributary.wire.v1.CentralCorrelated;
import dev.tributary.wire.v1.CentralGaussian;
import dev.tributary.wire.v1.DistributedDiscreteGaussian;
import dev.tributary.wire.v1.DistributedSkellam;
import dev.tributary.wire.v1.LocalGaussian;
import dev.tributary.wire.v1.LocalLaplace;
import dev.tributary.wire.v1.NamedNumber;
import dev.tributary.wire.v1.NoNoise;
import dev.tributary.wire.v1.Pipeline;
import dev.tributary.wire.v1.Sum;
import dev.tributary.wire.v1.Training;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Between the messages of plan.proto and their checked views, both ways. */
final class PlanCodec {

  private PlanCodec() {}

  static dev.tributary.wire.v1.Plan decode(ByteString bytes) {
    if (bytes.size() > Plan.MAXIMUM_LENGTH) {
      throw new PlanException(
          "a plan has at most " + Plan.MAXIMUM_LENGTH + " bytes. Provided: " + bytes.size());
    }
    try {
      dev.tributary.wire.v1.Plan known =
          DiscardUnknownFieldsParser.wrap(dev.tributary.wire.v1.Plan.parser()).parseFrom(bytes);
      if (!known.toByteString().equals(bytes)) {
        throw new PlanException(
            "the plan has fields that this version does not know, or is not in its one encoding."
                + " Update this program, or the coordinator.");
      }
      return known;
    } catch (InvalidProtocolBufferException e) {
      throw new PlanException("the bytes are no plan: " + e.getMessage(), e);
    }
  }

  static PipelineSpec pipeline(Pipeline message) {
    try {
      List<Segment> segments =
          message.getSegmentsList().stream()
              .map(segment -> new Segment(segment.getName(), segment.getLength()))
              .toList();
      return new PipelineSpec(
          segments,
          message.getClipNorm(),
          message.getGridStep(),
          message.getRingBits(),
          message.getMaximumCohort(),
          mechanism(message),
          message.getRotationSeed());
    } catch (IllegalArgumentException e) {
      throw new PlanException("pipeline: " + e.getMessage(), e);
    }
  }

  private static Mechanism mechanism(Pipeline message) {
    return switch (message.getMechanismCase()) {
      case NONE -> new Mechanism.None();
      case CENTRAL_GAUSSIAN ->
          new Mechanism.CentralGaussian(message.getCentralGaussian().getNoiseMultiplier());
      case DISTRIBUTED_DISCRETE_GAUSSIAN ->
          new Mechanism.DistributedDiscreteGaussian(
              message.getDistributedDiscreteGaussian().getNoiseMultiplier(),
              message.getDistributedDiscreteGaussian().getMinimumHonest());
      case DISTRIBUTED_SKELLAM ->
          new Mechanism.DistributedSkellam(
              message.getDistributedSkellam().getNoiseMultiplier(),
              message.getDistributedSkellam().getMinimumHonest());
      case LOCAL_GAUSSIAN ->
          new Mechanism.LocalGaussian(message.getLocalGaussian().getNoiseMultiplier());
      case LOCAL_LAPLACE ->
          new Mechanism.LocalLaplace(message.getLocalLaplace().getNoiseMultiplier());
      case CENTRAL_CORRELATED -> correlated(message.getCentralCorrelated());
      case MECHANISM_NOT_SET -> throw new PlanException("pipeline.mechanism is missing");
    };
  }

  private static Mechanism correlated(CentralCorrelated message) {
    return new Mechanism.CentralCorrelated(
        message.getNoiseMultiplier(),
        Strategy.parse(message.getStrategy()),
        new Schedule(message.getRounds(), message.getParticipations(), message.getSeparation()));
  }

  static Pipeline message(PipelineSpec spec) {
    Pipeline.Builder message =
        Pipeline.newBuilder()
            .setClipNorm(spec.clipNorm())
            .setGridStep(spec.gridStep())
            .setRingBits(spec.ringBits())
            .setMaximumCohort(spec.maximumCohort())
            .setRotationSeed(spec.rotationSeed());
    for (Segment segment : spec.segments()) {
      message.addSegments(
          dev.tributary.wire.v1.Segment.newBuilder()
              .setName(segment.name())
              .setLength(segment.length()));
    }
    put(spec.mechanism(), message);
    return message.build();
  }

  private static void put(Mechanism mechanism, Pipeline.Builder message) {
    if (mechanism instanceof Mechanism.CentralGaussian central) {
      message.setCentralGaussian(
          CentralGaussian.newBuilder().setNoiseMultiplier(central.noiseMultiplier()));
    } else if (mechanism instanceof Mechanism.CentralCorrelated central) {
      message.setCentralCorrelated(
          CentralCorrelated.newBuilder()
              .setNoiseMultiplier(central.noiseMultiplier())
              .setStrategy(central.strategy().canonical())
              .setRounds(central.schedule().rounds())
              .setParticipations(central.schedule().participations())
              .setSeparation(central.schedule().separation()));
    } else if (mechanism instanceof Mechanism.DistributedDiscreteGaussian distributed) {
      message.setDistributedDiscreteGaussian(
          DistributedDiscreteGaussian.newBuilder()
              .setNoiseMultiplier(distributed.noiseMultiplier())
              .setMinimumHonest(distributed.minimumHonest()));
    } else if (mechanism instanceof Mechanism.DistributedSkellam skellam) {
      message.setDistributedSkellam(
          DistributedSkellam.newBuilder()
              .setNoiseMultiplier(skellam.noiseMultiplier())
              .setMinimumHonest(skellam.minimumHonest()));
    } else if (mechanism instanceof Mechanism.LocalGaussian gaussian) {
      message.setLocalGaussian(
          LocalGaussian.newBuilder().setNoiseMultiplier(gaussian.noiseMultiplier()));
    } else if (mechanism instanceof Mechanism.LocalLaplace laplace) {
      message.setLocalLaplace(
          LocalLaplace.newBuilder().setNoiseMultiplier(laplace.noiseMultiplier()));
    } else {
      message.setNone(NoNoise.getDefaultInstance());
    }
  }

  static SumParameters sum(Sum message) {
    return new SumParameters(
        message.getSuite(),
        constant(Mode.class, "sum.mode", message.getMode()),
        message.getClients(),
        message.getCorruptFraction(),
        message.getDropoutFraction(),
        message.getDegree(),
        message.getThreshold(),
        message.getQuorum(),
        message.getSample(),
        message.getMinimumSum(),
        message.getMinimumHonest(),
        message.getRingBits(),
        message.getLength());
  }

  static Sum message(SumParameters sum) {
    return Sum.newBuilder()
        .setSuite(sum.suite())
        .setMode(sum.mode().name())
        .setClients(sum.clients())
        .setCorruptFraction(sum.corruptFraction())
        .setDropoutFraction(sum.dropoutFraction())
        .setDegree(sum.degree())
        .setThreshold(sum.threshold())
        .setQuorum(sum.quorum())
        .setSample(sum.sample())
        .setMinimumSum(sum.minimumSum())
        .setMinimumHonest(sum.minimumHonest())
        .setRingBits(sum.ringBits())
        .setLength(sum.length())
        .build();
  }

  static TrainingTask training(Training message) {
    return new TrainingTask(
        message.getLocalEpochs(),
        message.getBatchSize(),
        message.getMethod(),
        numbers("training.methodParameters", message.getMethodParametersList()),
        message.getOptimizer(),
        numbers("training.optimizerParameters", message.getOptimizerParametersList()),
        schedule(message.getSchedule()),
        numbers("training.scheduleParameters", message.getScheduleParametersList()),
        message.getGradientClip(),
        message.hasExamplePrivacy()
            ? Optional.of(examples(message.getExamplePrivacy()))
            : Optional.empty());
  }

  private static ExamplePrivacy examples(dev.tributary.wire.v1.ExamplePrivacy message) {
    return new ExamplePrivacy(
        message.getClipNorm(),
        message.getNoiseMultiplier(),
        message.getEpsilon(),
        message.getDelta());
  }

  /** One encoding: a constant rate is not named. */
  private static String schedule(String name) {
    if (name.equals(TrainingTask.CONSTANT)) {
      throw new PlanException("training.schedule is left out where it is constant");
    }
    return name.isEmpty() ? TrainingTask.CONSTANT : name;
  }

  static Training message(TrainingTask task) {
    Training.Builder message =
        Training.newBuilder()
            .setLocalEpochs(task.localEpochs())
            .setBatchSize(task.batchSize())
            .setMethod(task.method())
            .setOptimizer(task.optimizer())
            .setGradientClip(task.gradientClip());
    if (!task.schedule().equals(TrainingTask.CONSTANT)) {
      message.setSchedule(task.schedule());
    }
    task.methodParameters()
        .forEach((name, value) -> message.addMethodParameters(number(name, value)));
    task.optimizerParameters()
        .forEach((name, value) -> message.addOptimizerParameters(number(name, value)));
    task.examplePrivacy()
        .ifPresent(
            examples ->
                message.setExamplePrivacy(
                    dev.tributary.wire.v1.ExamplePrivacy.newBuilder()
                        .setClipNorm(examples.clipNorm())
                        .setNoiseMultiplier(examples.noiseMultiplier())
                        .setEpsilon(examples.epsilon())
                        .setDelta(examples.delta())));
    task.scheduleParameters()
        .forEach((name, value) -> message.addScheduleParameters(number(name, value)));
    return message.build();
  }

  static PrivacyTerms privacy(dev.tributary.wire.v1.PrivacyTerms message) {
    return new PrivacyTerms(
        constant(Unit.class, "privacy.unit", message.getUnit()),
        constant(Relation.class, "privacy.relation", message.getRelation()),
        message.getEpsilon(),
        message.getDelta(),
        message.getParticipations(),
        message.getSeparation());
  }

  static dev.tributary.wire.v1.PrivacyTerms message(PrivacyTerms terms) {
    return dev.tributary.wire.v1.PrivacyTerms.newBuilder()
        .setUnit(terms.unit().name())
        .setRelation(terms.relation().name())
        .setEpsilon(terms.epsilon())
        .setDelta(terms.delta())
        .setParticipations(terms.participations())
        .setSeparation(terms.separation())
        .build();
  }

  private static NamedNumber number(String name, double value) {
    return NamedNumber.newBuilder().setName(name).setValue(value).build();
  }

  private static SortedMap<String, Double> numbers(String field, List<NamedNumber> entries) {
    SortedMap<String, Double> map = new TreeMap<>();
    for (NamedNumber entry : entries) {
      if (!map.isEmpty() && map.lastKey().compareTo(entry.getName()) >= 0) {
        throw new PlanException(field + " must be in the order of the names, each once");
      }
      map.put(entry.getName(), entry.getValue());
    }
    return map;
  }

  private static <E extends Enum<E>> E constant(Class<E> type, String field, String name) {
    for (E constant : type.getEnumConstants()) {
      if (constant.name().equals(name)) {
        return constant;
      }
    }
    throw new PlanException(field + " is unknown. Provided: " + name);
  }
}
