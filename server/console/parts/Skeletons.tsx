import { Bar } from './Loaded.tsx';
import css from './Skeletons.module.css';

/* Where what is loaded will be, so that nothing jumps when it comes. */

/** A list of rows. */
export function ListSkeleton() {
  return (
    <div className={`panel ${css.list}`}>
      {[240, 200, 260].map((width) => (
        <Bar key={width} width={width} height={16} />
      ))}
    </div>
  );
}

/** A page with a heading and one large thing below it, so many pixels high. */
export function PageSkeleton({ height }: { height: number }) {
  return (
    <div className={css.page}>
      <div className="page-head">
        <Bar width={280} height={28} />
      </div>
      <div className={`panel ${css.body}`}>
        <Bar width="100%" height={height} />
      </div>
    </div>
  );
}
