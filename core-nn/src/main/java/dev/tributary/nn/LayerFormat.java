package dev.tributary.nn;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How a kind of layer is written: its keys are the components of its record. One table for JSON and
 * job files.
 */
public final class LayerFormat {
  private static final Map<String, LayerFormat> ALL = new TreeMap<>();

  static {
    for (Class<?> type : Layer.class.getPermittedSubclasses()) {
      LayerFormat format = new LayerFormat(type.asSubclass(Layer.class));
      ALL.put(format.kind, format);
    }
  }

  private final String kind;
  private final List<Key> keys = new ArrayList<>();
  private final Constructor<? extends Layer> constructor;

  private LayerFormat(Class<? extends Layer> type) {
    RecordComponent[] components = type.getRecordComponents();
    for (RecordComponent component : components) {
      Default standard = component.getAnnotation(Default.class);
      keys.add(
          new Key(
              component.getName(),
              component.getType(),
              standard == null ? null : parse(component.getType(), standard.value()),
              standard == null || standard.written()));
    }
    try {
      constructor =
          type.getDeclaredConstructor(
              Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
    } catch (NoSuchMethodException e) {
      throw new IllegalStateException("every record has its constructor", e);
    }
    this.kind = kind(type);
  }

  /** {@code MaxPooling2d} is {@code max_pooling2d}. */
  private static String kind(Class<? extends Layer> type) {
    return type == Layer.Activated.class
        ? "activation"
        : type.getSimpleName().replaceAll("(?<=[a-z])(?=[A-Z])", "_").toLowerCase(Locale.ROOT);
  }

  /** Every kind there is, by name. */
  public static List<LayerFormat> all() {
    return List.copyOf(ALL.values());
  }

  /** The kind of that name, or null. */
  public static @Nullable LayerFormat of(String kind) {
    return ALL.get(kind);
  }

  /** The name of the kind. */
  public String kind() {
    return kind;
  }

  /** Its settings in their order. */
  public List<Key> keys() {
    return List.copyOf(keys);
  }

  /**
   * A layer.
   *
   * @param values one for each key, of its type
   */
  public Layer create(Object... values) {
    try {
      return constructor.newInstance(values);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof ModelSpecException rule) {
        throw rule;
      }
      throw new IllegalStateException(e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The values of a layer of this kind, in the order of the keys. */
  Object[] values(Layer layer) {
    RecordComponent[] components = layer.getClass().getRecordComponents();
    Object[] values = new Object[components.length];
    try {
      for (int i = 0; i < values.length; i++) {
        values[i] = components[i].getAccessor().invoke(layer);
      }
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
    return values;
  }

  private static Object parse(Class<?> type, String text) {
    if (type == int.class) {
      return Integer.valueOf(text);
    } else if (type == double.class) {
      return Double.valueOf(text);
    } else if (type == boolean.class) {
      return Boolean.valueOf(text);
    } else if (type == Size.class) {
      return Size.of(Integer.parseInt(text));
    } else if (type == List.class) {
      return List.of();
    }
    for (Object constant : type.getEnumConstants()) {
      if (((Enum<?>) constant).name().equalsIgnoreCase(text)) {
        return constant;
      }
    }
    throw new IllegalStateException(type + " has no " + text);
  }

  /**
   * A setting.
   *
   * @param type int, double, boolean, {@link Size}, an enum, or List for layers
   * @param standard its value when it is left out; null if it must stand
   * @param written whether the canonical JSON has it even where it is the standard
   */
  public record Key(String name, Class<?> type, @Nullable Object standard, boolean written) {}
}
