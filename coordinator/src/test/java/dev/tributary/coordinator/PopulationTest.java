package dev.tributary.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.tributary.coordinator.store.Member;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PopulationTest {
  private static ByteString name(int member) {
    return ByteString.copyFromUtf8("member " + member);
  }

  /** Members that note who was asked for. */
  private static final class Noted extends AbstractList<Member> {
    final List<Integer> asked = new ArrayList<>();
    private final int size;

    Noted(int size) {
      this.size = size;
    }

    @Override
    public Member get(int member) {
      asked.add(member);
      return new Member(name(member), null);
    }

    @Override
    public int size() {
      return size;
    }
  }

  @Test
  void madeWhenAsked_makesNobodyElse() {
    Noted members = new Noted(1_000_000);
    Population population = Population.madeWhenAsked(members);
    assertThat(population.size()).isEqualTo(1_000_000);
    assertThat(population.enrolled()).isEqualTo(1_000_000);
    assertThat(population.certified()).isNull();
    assertThat(population.withdrew(3)).isFalse();
    assertThat(population.identityKey(700_000)).isEqualTo(name(700_000).toByteArray());
    assertThat(members.asked).containsExactly(700_000);
  }

  @Test
  void madeWhenAsked_findsMembers_asAnyPopulation() {
    Population population = Population.madeWhenAsked(new Noted(5));
    assertThat(population.indexOf(name(4))).hasValue(4);
    assertThat(population.indexOf(name(5))).isEmpty();
    population.withdraw(4);
    assertThat(population.indexOf(name(4))).isEmpty();
    assertThat(population.enrolled()).isEqualTo(4);
    assertThatThrownBy(() -> population.join(new Member(name(5), null)))
        .isInstanceOf(UnsupportedOperationException.class);
    assertThat(population.indexOf(name(5))).isEmpty();
  }

  @Test
  void join_comesBehindTheOthers() {
    Population population = new Population(List.of(new Member(name(0), null)));
    population.join(new Member(name(1), null));
    assertThat(population.indexOf(name(1))).hasValue(1);
    assertThat(population.size()).isEqualTo(2);
  }

  @Test
  void identityTwice_isRefused() {
    Member twice = new Member(name(0), null);
    assertThatThrownBy(() -> new Population(List.of(twice, twice)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("members 0 and 1");
  }
}
