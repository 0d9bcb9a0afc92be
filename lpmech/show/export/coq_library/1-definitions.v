(* Mechanisms with finitely many types and outcomes: definitions, and two checkers that are proved sound.

   Part 1 says what a mechanism is and what is asked of it; it is all that has to be read to believe a theorem below.
   Part 2 is proof: that the checkers, if they answer true, have shown what they claim.

   Agents, types and outcomes are numbered from 0; a profile of types is a list with a type for each agent. *)

From Coq Require Import QArith Qreduction List Lia Bool PeanoNat Setoid Lqa.
Import ListNotations.
Open Scope Q_scope.

(* ---- Part 1: definitions ------------------------------------------------------------------------------------------- *)

Definition total {A} (f : A -> Q) (l : list A) : Q := fold_right (fun a s => f a + s) 0 l.

Fixpoint replace {A} (l : list A) (i : nat) (x : A) : list A :=
  match l, i with [], _ => [] | _ :: r, O => x :: r | a :: r, S j => a :: replace r j x end.

Fixpoint without {A} (i : nat) (l : list A) : list A :=
  match l, i with [], _ => [] | _ :: r, O => r | a :: r, S j => a :: without j r end.

Fixpoint cartesian (choices : list (list nat)) : list (list nat) :=
  match choices with [] => [[]] | c :: r => flat_map (fun k => map (cons k) (cartesian r)) c end.

(* Numbers by profile (and outcome), nested: a row for each type of the first agent, and so on. *)
Inductive table := Leaf (x : Q) | Rows (rows : list table).

Fixpoint lookup (place : list nat) (t : table) : Q :=
  match place, t with
  | [], Leaf x => x
  | k :: rest, Rows rows => lookup rest (nth k rows (Leaf 0))
  | _, _ => 0
  end.

(* Integers over a common denominator. *)
Definition over (d : positive) (l : list Z) : list Q := map (fun n => n # d) l.
Definition row_of (d : positive) (l : list Z) : table := Rows (map Leaf (over d l)).

(* One agent: probability of each type, value of each outcome to each type, outside option of each type. *)
Record agent := { masses : list Q; values : list (list Q); outside : list Q }.

(* With a joint prior the agents' own masses count for nothing. *)
Record environment := { agents : list agent; costs : list Q; prior : option table }.

Definition size (a : agent) : nat := length (values a).
Definition nobody : agent := {| masses := []; values := []; outside := [] |}.

Section Definitions.
Variable e : environment.

Definition person (i : nat) : agent := nth i (agents e) nobody.
Definition everyone : list nat := seq 0 (length (agents e)).
Definition types (i : nat) : list nat := seq 0 (size (person i)).
Definition outcomes : list nat := seq 0 (length (costs e)).
Definition profiles : list (list nat) := cartesian (map types everyone).
Definition own (i : nat) (theta : list nat) : nat := nth i theta O.
Definition value (i k x : nat) : Q := nth x (nth k (values (person i)) []) 0.
Definition cost (x : nat) : Q := nth x (costs e) 0.
Definition mass_of (i k : nat) : Q := nth k (masses (person i)) 0.

(* Probability of a profile. *)
Definition mass (theta : list nat) : Q :=
  match prior e with
  | Some p => lookup theta p
  | None => fold_right (fun j m => mass_of j (own j theta) * m) 1 everyone
  end.

(* Probability of the others' types, given agent i's own. With a joint prior it is multiplied by the probability of the
   own type: then every statement about a type is multiplied by its probability, and empty for a type of probability 0. *)
Definition belief (i : nat) (theta : list nat) : Q :=
  match prior e with
  | Some p => lookup theta p
  | None => fold_right (fun j m => if Nat.eqb i j then m else mass_of j (own j theta) * m) 1 everyone
  end.

(* Profiles in which agent i is of type k. *)
Definition against (i k : nat) : list (list nat) := cartesian (replace (map types everyone) i [k]).

Definition expected (f : list nat -> Q) : Q := total (fun theta => mass theta * f theta) profiles.
Definition interim (i k : nat) (f : list nat -> Q) : Q := total (fun theta => belief i theta * f theta) (against i k).

(* A mechanism: t i theta, money paid by agent i, and q theta x, the probability of outcome x, when theta is reported. *)
Section Mechanism.
Variable t : nat -> list nat -> Q.
Variable q : list nat -> nat -> Q.

Definition worth (i k : nat) (theta : list nat) : Q := total (fun x => value i k x * q theta x) outcomes.
Definition spent (theta : list nat) : Q := total (fun x => cost x * q theta x) outcomes.

(* Utility of agent i of type k when theta is reported. *)
Definition utility (i k : nat) (theta : list nat) : Q := worth i k theta - t i theta.

(* What agent i gains at theta by the truth over the report r. *)
Definition gain (i r : nat) (theta : list nat) : Q :=
  utility i (own i theta) theta - utility i (own i theta) (replace theta i r).

Definition net (i : nat) (theta : list nat) : Q :=
  utility i (own i theta) theta - nth (own i theta) (outside (person i)) 0.

Definition revenue (theta : list nat) : Q := total (fun i => t i theta) everyone - spent theta.
End Mechanism.

Inductive incentives := DSIC | BIC | NoIncentives.
Inductive participation := ExPost | Interim | ExAnte | NoParticipation.
Inductive budget := NoDeficit | Balanced | NoExpectedDeficit | NoBudget.
Inductive allocation := EfficientAny | EfficientFirst | EfficientLast | EfficientUniform | Free | Given (lotteries : table).
Inductive transfers := AnyTransfers | Groves.

Definition incentive_compatible (notion : incentives) t q : Prop :=
  match notion with
  | DSIC => forall i theta r, In i everyone -> In theta profiles -> In r (types i) -> 0 <= gain t q i r theta
  | BIC => forall i k r, In i everyone -> In k (types i) -> In r (types i) -> 0 <= interim i k (gain t q i r)
  | NoIncentives => True
  end.

Definition individually_rational (notion : participation) t q : Prop :=
  match notion with
  | ExPost => forall i theta, In i everyone -> In theta profiles -> 0 <= net t q i theta
  | Interim => forall i k, In i everyone -> In k (types i) -> 0 <= interim i k (net t q i)
  | ExAnte => forall i, In i everyone -> 0 <= expected (net t q i)
  | NoParticipation => True
  end.

Definition within_budget (notion : budget) t q : Prop :=
  match notion with
  | NoDeficit => forall theta, In theta profiles -> 0 <= revenue t q theta
  | Balanced => forall theta, In theta profiles -> revenue t q theta == 0
  | NoExpectedDeficit => 0 <= expected (revenue t q)
  | NoBudget => True
  end.

(* Outcomes of largest surplus. *)
Definition surplus (theta : list nat) (x : nat) : Q := total (fun i => value i (own i theta) x) everyone - cost x.
Definition best (theta : list nat) : list nat :=
  filter (fun x => forallb (fun y => Qle_bool (surplus theta y) (surplus theta x)) outcomes) outcomes.

(* The lottery at theta where it is prescribed, and the outcomes it may use where it is not. *)
Definition prescribed (rule : allocation) (theta : list nat) : option (nat -> Q) :=
  match rule with
  | EfficientFirst => let y := hd O (best theta) in Some (fun x => if Nat.eqb x y then 1 else 0)
  | EfficientLast => let y := last (best theta) O in Some (fun x => if Nat.eqb x y then 1 else 0)
  | EfficientUniform =>
      let b := best theta in Some (fun x => if existsb (Nat.eqb x) b then 1 # Pos.of_nat (length b) else 0)
  | Given lotteries => Some (fun x => lookup (theta ++ [x]) lotteries)
  | EfficientAny | Free => None
  end.
Definition choices (rule : allocation) (theta : list nat) : list nat :=
  match rule with Free => outcomes | _ => best theta end.

Definition allocates (rule : allocation) (q : list nat -> nat -> Q) : Prop :=
  forall theta, In theta profiles ->
  match prescribed rule theta with
  | Some f => forall x, In x outcomes -> q theta x == f x
  | None =>
      (forall x, In x outcomes -> 0 <= q theta x)
      /\ total (q theta) outcomes == 1
      /\ forall x, In x outcomes -> ~ In x (choices rule theta) -> q theta x == 0
  end.

(* Payments: any at all, or Groves payments with charges h i (theta without theta_i). *)
Definition others_surplus (q : list nat -> nat -> Q) (i : nat) (theta : list nat) : Q :=
  total (fun j => if Nat.eqb i j then 0 else worth q j (own j theta) theta) everyone - spent q theta.
Definition payments (class : transfers) (q : list nat -> nat -> Q) (h : nat -> list nat -> Q) : nat -> list nat -> Q :=
  match class with
  | AnyTransfers => h
  | Groves => fun i theta => h i (without i theta) - others_surplus q i theta
  end.

Record requirements := {
  ic : incentives; ir : participation; bb : budget; rule : allocation; class : transfers }.

Definition satisfies (r : requirements) t q : Prop :=
  incentive_compatible (ic r) t q /\ individually_rational (ir r) t q /\ within_budget (bb r) t q /\ allocates (rule r) q.

Definition mechanism_exists (r : requirements) : Prop :=
  exists (h : nat -> list nat -> Q) (q : list nat -> nat -> Q), satisfies r (payments (class r) q h) q.

(* The numbers above are a question of this kind: tables have the sizes they should, and probabilities are probabilities. *)
Definition distribution {A} (p : A -> Q) (l : list A) : Prop := (forall a, In a l -> 0 <= p a) /\ total p l == 1.

Definition well_posed (r : requirements) : Prop :=
  (forall i, In i everyone ->
     length (outside (person i)) = size (person i)
     /\ forall k, In k (types i) -> length (nth k (values (person i)) []) = length (costs e))
  /\ match prior e with
     | Some _ => distribution mass profiles
     | None => forall i, In i everyone -> length (masses (person i)) = size (person i) /\ distribution (mass_of i) (types i)
     end
  /\ match rule r with
     | Given lotteries => forall theta, In theta profiles -> distribution (fun x => lookup (theta ++ [x]) lotteries) outcomes
     | _ => True
     end.

End Definitions.
