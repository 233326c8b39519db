import { Missing } from '../parts/Missing.tsx';

export function NotFoundPage() {
  return (
    <div className="page">
      <Missing />
    </div>
  );
}
